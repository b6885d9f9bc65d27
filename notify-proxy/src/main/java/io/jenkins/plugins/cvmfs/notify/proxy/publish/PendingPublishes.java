package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The publishes that are verified or wait for the log's confirm: how many there may be, and when the last one has ended. Those that only
 * a signature speaks for take half of the places at most. From any thread.
 */
final class PendingPublishes {

    /** Whether a publish may begin. */
    enum Entry {
        BEGUN,
        FULL,
        DRAINING
    }

    private final int limit;
    private final int limitForStrangers;
    private final AtomicInteger strangers = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    PendingPublishes(int limit) {
        this.limit = limit;
        this.limitForStrangers = Math.max(1, limit / 2);
    }

    /**
     * Each {@link Entry#BEGUN} asks for one {@link #end} of the same kind.
     *
     * @param ofStranger whether only its signature speaks for it
     */
    Entry begin(boolean ofStranger) {
        // Counted before the question, so that drain() either sees this publish or stops it.
        boolean fits = count.incrementAndGet() <= limit;
        fits &= !ofStranger || strangers.incrementAndGet() <= limitForStrangers;
        if (!draining && fits) {
            return Entry.BEGUN;
        }
        end(ofStranger);
        return draining ? Entry.DRAINING : Entry.FULL;
    }

    void end(boolean ofStranger) {
        if (ofStranger) {
            strangers.decrementAndGet();
        }
        if (count.decrementAndGet() == 0 && draining) {
            drained.complete(null);
        }
    }

    CompletableFuture<Void> drain() {
        draining = true;
        if (count.get() == 0) {
            drained.complete(null);
        }
        return drained.copy();
    }

    boolean isDraining() {
        return draining;
    }

    int count() {
        return count.get();
    }
}
