package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A clock and its alarms, so that a test can move time by hand. */
interface Timer {

    /** Returns the time of day, only to be compared with dates of a server. */
    Instant now();

    /** Returns a monotonic time; only differences are meaningful. */
    Duration uptime();

    /** Runs the task once after the delay, on the timer's thread: it must not block. A closed timer runs nothing. */
    Alarm after(Duration delay, Runnable task);

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Alarm {

        /** Keeps the task from running, unless it is running already. Idempotent. */
        void cancel();
    }

    /** The system's time, with one thread, which ends when idle. */
    final class SystemTimer implements Timer, AutoCloseable {

        private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, DaemonThreads.numbered(Network.THREAD_PREFIX + "timer"), new ThreadPoolExecutor.DiscardPolicy());

        SystemTimer() {
            executor.setRemoveOnCancelPolicy(true);
            executor.setKeepAliveTime(10, TimeUnit.SECONDS);
            executor.allowCoreThreadTimeOut(true);
        }

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public Duration uptime() {
            return Duration.ofNanos(System.nanoTime());
        }

        @Override
        public Alarm after(Duration delay, Runnable task) {
            Future<?> future = executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }
}
