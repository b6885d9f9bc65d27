package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.time.Duration;
import java.time.Instant;

/** Counts events: all of them, and those of the last hour, in steps of five minutes. From any thread. */
final class Tally {

    private static final int STEPS = 12;
    private static final long STEP_MILLIS = Duration.ofHours(1).toMillis() / STEPS;

    private final int[] counts = new int[STEPS];
    private long newestStep;
    private long total;

    synchronized void count(Instant now) {
        moveTo(now);
        counts[index(newestStep)]++;
        total++;
    }

    synchronized long total() {
        return total;
    }

    /** Those of the step that {@code now} is in and the eleven before it: of the last 55 to 60 minutes. */
    synchronized int lastHour(Instant now) {
        moveTo(now);
        int sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    /** Forgets what is older than an hour. A clock that goes back stays in the newest step. */
    private void moveTo(Instant now) {
        long step = now.toEpochMilli() / STEP_MILLIS;
        for (long passed = Math.max(newestStep + 1, step - STEPS + 1); passed <= step; passed++) {
            counts[index(passed)] = 0;
        }
        newestStep = Math.max(newestStep, step);
    }

    private static int index(long step) {
        return Math.floorMod(step, STEPS);
    }
}
