package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single thread of all gates, with its timer. Nothing blocks there. Its queue is bounded by its sources: a timer for each
 * gate, an answer for each read, and one announcement for each subscriber.
 */
final class GateThread implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(GateThread.class);

    /** A longer pause is cut into pieces, so that a clock that is set forward is noticed. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final ScheduledThreadPoolExecutor executor;
    private final Clock clock;

    GateThread(Clock clock) {
        this.clock = clock;
        this.executor = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("cvmfs-notify-gates"));
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    Instant now() {
        return clock.instant();
    }

    /** Runs the work soon; drops it after {@link #close()}. */
    @Override
    public void execute(Runnable work) {
        try {
            executor.execute(guarded(work));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("wait service is closed, work dropped");
        }
    }

    /** Runs the work and returns when it is done, or when the thread is closed. Must not be called on the thread itself. */
    void handOver(Runnable work) throws InterruptedException {
        try {
            executor.submit(guarded(work)).get();
        } catch (RejectedExecutionException | CancellationException e) {
            LOG.atDebug().log("wait service is closed, work dropped");
        } catch (ExecutionException e) {
            throw new IllegalStateException("guarded work does not fail", e);
        }
    }

    /** Runs the work at this instant, or a little earlier or later. */
    Future<?> at(Instant instant, Runnable work) {
        Duration pause = Duration.between(clock.instant(), instant);
        return after(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE, work);
    }

    Future<?> after(Duration pause, Runnable work) {
        return executor.schedule(guarded(work), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean isClosed() {
        return executor.isShutdown();
    }

    /** Ends the thread; drops work that has not begun. */
    void close() {
        for (Runnable dropped : executor.shutdownNow()) {
            if (dropped instanceof Future<?> awaited) {
                awaited.cancel(false);
            }
        }
    }

    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                LOG.atError().setCause(e).log("work on the gate thread failed");
            }
        };
    }
}
