package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many fetches run at a time, of all repositories together. The others wait, up to a limit: fetches for senders with a right
 * go first, and if there are several slots, one is kept for them. Thread-safe.
 */
final class FetchSlots {

    /** Fetches of each kind that may wait, each for a different repository; a site has far fewer. */
    static final int MAX_WAITING = 1_000;

    private record Fetch(boolean hasRight, Supplier<CompletableFuture<?>> start) {
        /** Never throws: the caller goes on with other fetches, and the slot must be released. */
        CompletableFuture<?> begin() {
            try {
                return start.get();
            } catch (Throwable e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    private final Queue<Fetch> first = new ArrayDeque<>();
    private final Queue<Fetch> second = new ArrayDeque<>();
    private final AtomicInteger rounds = new AtomicInteger();
    private int free;
    private int freeForAll;

    /** @param slots fetches that may run at a time */
    FetchSlots(int slots) {
        this.free = slots;
        this.freeForAll = Math.max(1, slots - 1);
    }

    /**
     * Runs a fetch when a slot is free.
     *
     * @param hasRight whether a sender with a right needs it
     * @param fetch begins it; the returned future releases the slot
     * @return false if too many wait already; it then never runs
     */
    boolean run(boolean hasRight, Supplier<CompletableFuture<?>> fetch) {
        synchronized (this) {
            Queue<Fetch> queue = hasRight ? first : second;
            if (queue.size() >= MAX_WAITING) {
                return false;
            }
            queue.add(new Fetch(hasRight, fetch));
        }
        startWaiting();
        return true;
    }

    /** One thread at a time starts fetches, also those requested meanwhile: fetches that end at once do not nest. */
    private void startWaiting() {
        int missed = rounds.incrementAndGet();
        if (missed > 1) {
            return;
        }
        while (missed > 0) {
            for (Fetch next = take(); next != null; next = take()) {
                Fetch started = next;
                var unused = started.begin().whenComplete((done, failure) -> release(started));
            }
            missed = rounds.addAndGet(-missed);
        }
    }

    private synchronized @Nullable Fetch take() {
        if (free == 0) {
            return null;
        }
        Fetch next = first.poll();
        if (next == null && freeForAll > 0) {
            next = second.poll();
        }
        if (next != null) {
            count(next, -1);
        }
        return next;
    }

    private void release(Fetch ended) {
        synchronized (this) {
            count(ended, 1);
        }
        startWaiting();
    }

    private void count(Fetch fetch, int slots) {
        free += slots;
        if (!fetch.hasRight()) {
            freeForAll += slots;
        }
    }

    synchronized int waiting() {
        return first.size() + second.size();
    }
}
