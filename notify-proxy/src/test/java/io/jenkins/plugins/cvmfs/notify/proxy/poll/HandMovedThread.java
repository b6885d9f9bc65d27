package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A thread that runs its tasks when the test says so, and a clock that stands still meanwhile. */
public final class HandMovedThread implements AutoCloseable {

    private static final Duration STEP = Duration.ofMillis(100);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long nanos;

    public HandMovedThread() {
        channel.freezeTime();
    }

    public ScheduledExecutorService executor() {
        return channel.eventLoop();
    }

    public long nanoTime() {
        return nanos;
    }

    public Duration passed() {
        return Duration.ofNanos(nanos);
    }

    /** Runs what is due, and what that makes due at once. */
    public void run() {
        channel.runPendingTasks();
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    public void letPass(Duration time) {
        Duration end = passed().plus(time);
        while (passed().compareTo(end) < 0) {
            nanos += STEP.toNanos();
            channel.advanceTimeBy(STEP.toNanos(), TimeUnit.NANOSECONDS);
            run();
        }
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
