package io.jenkins.plugins.cvmfs.notify.proxy.admission.trust;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How many fetches run at a time, of all repositories together. The others wait, up to a limit. From any thread. */
final class FetchSlots {

    /** Waiting fetches are of as many repositories; a site has far fewer. */
    static final int MAX_WAITING = 1_000;

    private record Waiting(Supplier<CompletableFuture<byte[]>> fetch, CompletableFuture<byte[]> result) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private int free;

    /** @param slots fetches that may run at a time */
    FetchSlots(int slots) {
        this.free = slots;
    }

    /** Runs the fetch when there is room. The future fails with {@link BusyException} if too many wait already. */
    CompletableFuture<byte[]> run(Supplier<CompletableFuture<byte[]>> fetch) {
        Waiting next = new Waiting(fetch, new CompletableFuture<>());
        boolean starts;
        synchronized (this) {
            starts = free > 0;
            if (starts) {
                free--;
            } else if (waiting.size() < MAX_WAITING) {
                waiting.add(next);
            } else {
                return CompletableFuture.failedFuture(new BusyException("too many files wait to be fetched"));
            }
        }
        if (starts) {
            start(next);
        }
        return next.result();
    }

    private void start(Waiting next) {
        var unused = next.fetch().get().whenComplete((bytes, failure) -> {
            Waiting following = release();
            if (following != null) {
                start(following);
            }
            if (failure == null) {
                next.result().complete(bytes);
            } else {
                next.result().completeExceptionally(failure);
            }
        });
    }

    /** Hands the slot on, or frees it. */
    private synchronized @Nullable Waiting release() {
        Waiting following = waiting.poll();
        if (following == null) {
            free++;
        }
        return following;
    }

    synchronized int waiting() {
        return waiting.size();
    }
}
