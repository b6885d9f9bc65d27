package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;
import java.time.Instant;

/** Time as this package sees it, so that a test can turn the clock by hand. */
interface Timer {

    /** The time of day, only to compare with what a server says. */
    Instant now();

    /** Grows steadily, whatever happens to the time of day; only differences mean anything. */
    Duration uptime();

    /** Runs the task once, later, on the timer's thread: it must not block. After the timer was closed nothing runs. */
    Alarm after(Duration delay, Runnable task);

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Alarm {

        /** The task will not run, unless it is running already. Twice is fine. */
        void cancel();
    }
}
