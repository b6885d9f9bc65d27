package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The publishes that wait for the log's confirm: how many there may be, and when the last one has ended. From any thread. */
final class PendingPublishes {

    /** Whether a publish may begin. */
    enum Entry {
        BEGUN,
        FULL,
        DRAINING
    }

    private final int limit;
    private final AtomicInteger count = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    PendingPublishes(int limit) {
        this.limit = limit;
    }

    /** Each {@link Entry#BEGUN} asks for one {@link #end()}. */
    Entry begin() {
        // Counted before the question, so that drain() either sees this publish or stops it.
        int now = count.incrementAndGet();
        if (!draining && now <= limit) {
            return Entry.BEGUN;
        }
        end();
        return draining ? Entry.DRAINING : Entry.FULL;
    }

    void end() {
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
