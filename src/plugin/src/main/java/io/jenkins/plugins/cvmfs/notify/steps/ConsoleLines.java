package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one wait in the build log: each names the repository, what happens within a minute is one line, and a table ends
 * them. Thread-safe; calls may block.
 */
final class ConsoleLines {

    /** Changes for tests, and for who wants every event on a line of its own: 0. */
    private static final Duration INTERVAL =
            Duration.ofSeconds(Math.max(0, Integer.getInteger("io.jenkins.plugins.cvmfs.notify.progressSeconds", 60)));

    /** The events of a beginning come together: connected, and what each replica serves. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private static final int MAX_HELD = 10;
    private static final int MAX_ROWS = 20;

    private enum Pace {
        /** The next event opens a line. */
        IDLE,
        /** Events are collected for a line that is due soon. */
        COLLECTING,
        /** The last line is not old enough for another. */
        RESTING,
        /** No line follows. */
        ENDED
    }

    private final BuildHandle build;
    private final String repository;
    private final Duration interval;

    private final Set<String> held = new LinkedHashSet<>();
    private Pace pace = Pace.IDLE;
    private int dropped;
    private boolean begun;

    ConsoleLines(BuildHandle build, String repository) {
        this(build, repository, INTERVAL);
    }

    /** @param interval the shortest time between two lines; zero for a line for each event */
    ConsoleLines(BuildHandle build, String repository, Duration interval) {
        this.build = build;
        this.repository = repository;
        this.interval = interval;
    }

    /** Writes the event, the first at once, the others when it is time. */
    void add(String event) {
        boolean now;
        boolean opens = false;
        synchronized (this) {
            if (pace == Pace.ENDED) {
                return;
            }
            now = !begun || interval.isZero();
            begun = true;
            if (!now) {
                hold(event);
                opens = pace == Pace.IDLE;
                pace = opens ? Pace.COLLECTING : pace;
            }
        }
        if (now) {
            build.log(named(repository, event));
        } else if (opens) {
            build.later(SETTLE, this::write);
        }
    }

    private void hold(String event) {
        // A connection that comes and goes says the same again and again: once is enough.
        held.remove(event);
        held.add(event);
        if (held.size() > MAX_HELD) {
            held.remove(held.iterator().next());
            dropped++;
        }
    }

    /** Writes what was collected, and rests; with nothing collected, the next event opens a line again. */
    private void write() {
        String line;
        synchronized (this) {
            if (pace == Pace.ENDED) {
                return;
            }
            line = taken();
            pace = line == null ? Pace.IDLE : Pace.RESTING;
        }
        if (line != null) {
            build.later(interval, this::write);
            build.log(line);
        }
    }

    private @Nullable String taken() {
        if (held.isEmpty()) {
            return null;
        }
        String earlier = dropped == 0 ? "" : "%d earlier events, ".formatted(dropped);
        String events = earlier + String.join("; ", held);
        // The name in one of several events is too late in the line for a reader who looks for it.
        String line = held.size() == 1 ? named(repository, events) : repository + ": " + events;
        held.clear();
        dropped = 0;
        return line;
    }

    /** Writes what was collected, and the table. Nothing follows. */
    void end(GateReport report) {
        end();
        build.log(table(report));
    }

    /** Writes what was collected. Nothing follows. */
    void end() {
        String line;
        synchronized (this) {
            line = taken();
            pace = Pace.ENDED;
        }
        if (line != null) {
            build.log(line);
        }
    }

    /** Drops what was collected. Nothing follows. Does not block. */
    synchronized void stop() {
        pace = Pace.ENDED;
        held.clear();
    }

    /** Puts the name before a line that does not have it. */
    static String named(@Nullable String repository, String line) {
        return repository == null || line.contains(repository) ? line : repository + ": " + line;
    }

    private static String table(GateReport report) {
        List<ReplicaReport> rows = report.first(MAX_ROWS);
        int width = rows.stream().mapToInt(row -> title(row).length()).max().orElse(0);
        String noun = report.condition().noun();
        String one = noun.substring(0, noun.length() - 1);
        String format = "%n  %-" + Math.max(one.length(), width) + "s  %-14s  %s";
        StringBuilder table = new StringBuilder(report.condition().repository()
                + ": %d of %d %s have %s, %d needed"
                        .formatted(
                                report.counted(),
                                report.replicas().size(),
                                noun,
                                report.condition().target(),
                                report.condition().needed()));
        table.append(String.format(Locale.ROOT, format, one, "readable after", "state"));
        rows.forEach(row -> table.append(String.format(Locale.ROOT, format, title(row), latency(row), row.summary())));
        int more = report.replicas().size() - rows.size();
        return more == 0 ? table.toString() : table + "%n  and %d more".formatted(more);
    }

    private static String title(ReplicaReport row) {
        return WaitRecord.ReplicaRecord.title(row.state().replica());
    }

    private static String latency(ReplicaReport row) {
        Duration latency = row.latency();
        return !row.state().counts() || latency == null ? "-" : GateReport.text(latency);
    }
}
