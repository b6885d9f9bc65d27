package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time a client has for what it should do next. Moving it further away costs nothing: the timer then finds that it fired
 * too early, and goes on for the rest. Used on its event loop only.
 */
final class RequestTimeout {

    private static final long NONE = Long.MAX_VALUE;

    private final EventExecutor loop;
    private final Runnable passed;
    private long deadlineNanos = NONE;
    private long timerNanos = NONE;
    private @Nullable Future<?> timer;

    /** @param passed called when a deadline passes */
    RequestTimeout(EventExecutor loop, Runnable passed) {
        this.loop = loop;
        this.passed = passed;
    }

    void in(Duration time) {
        deadlineNanos = now() + time.toNanos();
        if (timer == null || deadlineNanos < timerNanos) {
            arm();
        }
    }

    /** Nothing is awaited. */
    void clear() {
        deadlineNanos = NONE;
    }

    /** Nothing will be awaited any more. */
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
