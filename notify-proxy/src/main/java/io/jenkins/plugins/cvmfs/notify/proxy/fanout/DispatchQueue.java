package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Audience.Sweep;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch.Round;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way from the log's thread to one event loop's subscribers. Audiences with something to send take turns: at each turn of
 * the loop {@value #SLICE} subscribers are served, then the loop sees to its sockets. So a repository with ten thousand
 * subscribers holds up neither publishes nor other repositories.
 *
 * <p>What waits is bounded: beyond {@value #CAPACITY} announcements in all, the newest one waiting for a repository gives way to a
 * still newer one.
 */
final class DispatchQueue {

    static final int SLICE = 128;
    static final int CAPACITY = 1024;

    /** With fewer members a sweep is over before a batch would pay. */
    private static final int BATCHED_FROM = 16;

    private final EventLoop loop;
    private final FanOutMetrics metrics;
    private final Runnable takeTurns = this::takeTurns;
    private final Runnable executeTurns = this::executeTurns;

    // The loop's.
    private @Nullable IoUringBatch batch;
    private boolean hasAskedForBatch;

    // All guarded by this.
    private final ArrayDeque<Audience> turns = new ArrayDeque<>();
    private int waiting;
    private boolean awake;
    private @Nullable CompletableFuture<Void> settled;

    DispatchQueue(EventLoop loop, FanOutMetrics metrics) {
        this.loop = loop;
        this.metrics = metrics;
    }

    EventLoop loop() {
        return loop;
    }

    FanOutMetrics metrics() {
        return metrics;
    }

    /** Returns the batch for a sweep through so many members; null where each is written to separately. On the loop only. */
    @Nullable
    IoUringBatch batchFor(int members) {
        if (members < BATCHED_FROM) {
            return null;
        }
        if (!hasAskedForBatch) {
            hasAskedForBatch = true;
            batch = IoUringBatch.on(loop);
        }
        return batch;
    }

    /** Returns the number of announcements that wait. From any thread. */
    synchronized int waiting() {
        return waiting;
    }

    /**
     * Takes on one more announcement for an audience, in the log's order. A repetition is not taken on if something waits for the
     * audience: that is newer, or not sent yet. From any thread.
     */
    void offer(Audience audience, Dispatch dispatch) {
        if (enqueue(audience, dispatch)) {
            executeTurns();
        }
    }

    private synchronized boolean enqueue(Audience audience, Dispatch dispatch) {
        ArrayDeque<Dispatch> queue = audience.waiting();
        if (dispatch.round() == Round.AGAIN && !queue.isEmpty()) {
            return false;
        }
        if (waiting >= CAPACITY && !queue.isEmpty()) {
            if (dispatch.round() == Round.EARLY) {
                // It must not replace one that is for all; those that do not wait get this one when it is released.
                metrics.conflatedInQueue.increment();
                return false;
            }
            queue.removeLast();
            metrics.conflatedInQueue.increment();
        } else {
            waiting++;
        }
        queue.add(dispatch);
        if (!audience.isQueued()) {
            audience.queued(true);
            turns.add(audience);
        }
        boolean wake = !awake;
        awake = true;
        return wake;
    }

    private void takeTurns() {
        boolean allServed = false;
        try {
            allServed = serveSlice();
        } finally {
            // Also after a failure, such as no memory for a frame: the others are not to wait for ever.
            if (!allServed) {
                afterTheSockets();
            }
        }
    }

    /** The next turn. Not execute() alone: the loop runs new tasks for up to a second before it looks at its sockets again. */
    private void afterTheSockets() {
        if (loop instanceof SingleThreadEventLoop real) {
            // Nor schedule(): that sorts the task in among a timer of each connection.
            real.executeAfterEventLoopIteration(executeTurns);
        } else {
            var unused = loop.schedule(takeTurns, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void executeTurns() {
        try {
            loop.execute(takeTurns);
        } catch (RejectedExecutionException loopIsShutDown) {
            // Its connections are closed, so there are no subscribers left.
        }
    }

    private boolean serveSlice() {
        int budget = SLICE;
        Audience audience;
        while (budget > 0 && (audience = nextTurn()) != null) {
            try {
                budget = serve(audience, budget);
            } finally {
                endTurn(audience);
            }
        }
        return budget > 0;
    }

    private static int serve(Audience audience, int budget) {
        Sweep sweep = audience.sweep();
        if (sweep == null) {
            return budget;
        }
        int left = sweep.advance(budget);
        if (sweep.isOver()) {
            sweep.release();
            audience.sweepWith(null);
        }
        return left;
    }

    /** Completes at the next moment when nothing waits. */
    synchronized CompletableFuture<Void> settled() {
        if (!awake) {
            return CompletableFuture.completedFuture(null);
        }
        if (settled == null) {
            settled = new CompletableFuture<>();
        }
        return settled;
    }

    private synchronized @Nullable Audience nextTurn() {
        Audience audience = turns.poll();
        if (audience == null) {
            awake = false;
            if (settled != null) {
                settled.complete(null);
                settled = null;
            }
        } else if (audience.sweep() == null) {
            waiting--;
            audience.sweepWith(new Sweep(audience, audience.waiting().remove()));
        }
        return audience;
    }

    private synchronized void endTurn(Audience audience) {
        boolean more = audience.sweep() != null || !audience.waiting().isEmpty();
        audience.queued(more);
        if (more) {
            turns.add(audience);
        }
    }
}
