package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A clock that stands still until the test moves it. Alarms run on the test thread. */
final class ManualTimer implements Timer {

    private static final Instant START = Instant.parse("2026-11-26T21:13:15Z");

    private record Pending(Duration due, Duration delay, Runnable task) {}

    private final List<Pending> pending = new ArrayList<>();
    private Duration elapsed = Duration.ZERO;

    @Override
    public synchronized Instant now() {
        return START.plus(elapsed);
    }

    @Override
    public synchronized Duration uptime() {
        return elapsed;
    }

    @Override
    public synchronized Alarm after(Duration delay, Runnable task) {
        Pending alarm = new Pending(elapsed.plus(delay), delay, task);
        pending.add(alarm);
        return () -> cancel(alarm);
    }

    private synchronized void cancel(Pending alarm) {
        pending.remove(alarm);
    }

    /** Returns the delays of all waiting alarms, in the order in which they will run. */
    synchronized List<Duration> delays() {
        return pending.stream()
                .sorted(Comparator.comparing(Pending::due))
                .map(Pending::delay)
                .toList();
    }

    /** Advances the clock and runs the alarms that are due. */
    void advance(Duration by) {
        Duration target = uptime().plus(by);
        for (Optional<Pending> next = takeDue(target); next.isPresent(); next = takeDue(target)) {
            next.get().task().run();
        }
        moveTo(target);
    }

    private synchronized void moveTo(Duration target) {
        elapsed = target;
    }

    private synchronized Optional<Pending> takeDue(Duration target) {
        Optional<Pending> next = pending.stream()
                .filter(alarm -> alarm.due().compareTo(target) <= 0)
                .min(Comparator.comparing(Pending::due));
        next.ifPresent(alarm -> {
            pending.remove(alarm);
            elapsed = alarm.due().compareTo(elapsed) > 0 ? alarm.due() : elapsed;
        });
        return next;
    }
}
