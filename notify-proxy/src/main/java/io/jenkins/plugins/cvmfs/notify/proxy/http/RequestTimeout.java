package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The deadline for what a client has to do next. To postpone it costs nothing: a timer that fires too early starts again for the rest.
 * Confined to its event loop.
 */
final class RequestTimeout {

    private static final long NONE = Long.MAX_VALUE;

    private final EventExecutor loop;
    private final Runnable passed;
    private long deadlineNanos = NONE;
    private long timerNanos = NONE;
    private @Nullable Future<?> timer;

    /** @param passed called when the deadline passes */
    RequestTimeout(EventExecutor loop, Runnable passed) {
        this.loop = loop;
        this.passed = passed;
    }

    /** Sets the deadline to this long from now. */
    void in(Duration time) {
        deadlineNanos = now() + time.toNanos();
        if (timer == null || deadlineNanos < timerNanos) {
            arm();
        }
    }

    /** Removes the deadline. */
    void clear() {
        deadlineNanos = NONE;
    }

    /** Removes the deadline for good. */
    void cancel() {
        clear();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void arm() {
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = deadlineNanos;
        timer = loop.schedule(this::fire, Math.max(0, deadlineNanos - now()), TimeUnit.NANOSECONDS);
    }

    private void fire() {
        timer = null;
        if (deadlineNanos == NONE) {
            return;
        }
        if (deadlineNanos > now()) {
            arm();
        } else {
            deadlineNanos = NONE;
            passed.run();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
