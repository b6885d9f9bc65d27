package io.jenkins.plugins.cvmfs.notify.proxy.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What happened in one run: attempts to publish, connections of subscribers with what they received, and faults. Times are
 * nanoseconds since the beginning of the run. Threads record into it at any time; {@link HistoryChecker} reads it at the end.
 */
final class History {

    /** How an attempt to publish ended. */
    enum Outcome {
        /** Answered with 200. */
        ACCEPTED,
        /** Answered with another status. */
        REFUSED,
        /** Not answered: no connection, a broken one, or no time left. */
        UNANSWERED
    }

    /** A life of a proxy: it begins when the process listens, and ends when it is killed. */
    record Life(int proxy, int number) {

        @Override
        public String toString() {
            return "proxy " + proxy + (number == 1 ? "" : " in its life " + number);
        }
    }

    /**
     * One attempt to publish an announcement. An announcement whose attempt failed may be sent again; the attempts then have the same
     * serial number.
     *
     * @param serial identifies the announcement among those of its repository
     * @param latestEffect until when it may have had its effect: normally its end, later if the proxy was stopped while it ran
     */
    record Attempt(
            String repository, long serial, Life life, long start, long end, long latestEffect, Outcome outcome) {

        @Override
        public String toString() {
            return "%s #%d published through %s from %s to %s: %s"
                    .formatted(repository, serial, life, seconds(start), seconds(end), outcome);
        }
    }

    /** The three ways to subscribe. */
    enum Kind {
        WEBSOCKET,
        EVENTS_BY_QUERY,
        EVENTS_BY_BODY
    }

    /**
     * An announcement that came on a connection.
     *
     * @param position the event id, empty where the kind has none
     */
    record Receipt(String repository, long serial, String position, long at) {}

    /** One connection of a subscriber, from the request to its end. */
    static final class Connection {

        final int number;
        final Kind kind;
        final Life life;
        final Set<String> repositories;

        /** Before the first byte of the request was sent. */
        final long start;

        /** Whether it was opened after the last fault was healed, and has not ended since. */
        private volatile boolean isLast;

        private final Collection<Receipt> receipts = new ConcurrentLinkedQueue<>();

        Connection(int number, Kind kind, Life life, Set<String> repositories, long start, boolean isLast) {
            this.number = number;
            this.kind = kind;
            this.life = life;
            this.repositories = Set.copyOf(repositories);
            this.start = start;
            this.isLast = isLast;
        }

        boolean isLast() {
            return isLast;
        }

        void ended() {
            isLast = false;
        }

        void received(Receipt receipt) {
            receipts.add(receipt);
        }

        /** What came for a repository, in order. */
        List<Receipt> receipts(String repository) {
            return receipts.stream()
                    .filter(receipt -> receipt.repository().equals(repository))
                    .toList();
        }

        @Override
        public String toString() {
            return "connection %d (%s, %s, from %s)".formatted(number, kind, life, seconds(start));
        }
    }

    /** Something that was done to a part, or its end. */
    record Fault(String what, long at) {

        @Override
        public String toString() {
            return "%s: %s".formatted(seconds(at), what);
        }
    }

    private final long beginning = System.nanoTime();
    private final Map<String, AtomicLong> serials = new ConcurrentHashMap<>();
    private final Collection<Attempt> attempts = new ConcurrentLinkedQueue<>();
    private final Collection<Connection> connections = new ConcurrentLinkedQueue<>();
    private final Collection<Fault> faults = new ConcurrentLinkedQueue<>();

    /** Numbers the announcements of a repository from 1. */
    long nextSerial(String repository) {
        return serials.computeIfAbsent(repository, name -> new AtomicLong()).incrementAndGet();
    }

    /** Nanoseconds since the beginning. */
    long now() {
        return System.nanoTime() - beginning;
    }

    void add(Attempt attempt) {
        attempts.add(attempt);
    }

    void add(Connection connection) {
        connections.add(connection);
    }

    void add(Fault fault) {
        faults.add(fault);
    }

    /** All attempts for a repository, by their start. */
    List<Attempt> attempts(String repository) {
        return attempts.stream()
                .filter(attempt -> attempt.repository().equals(repository))
                .sorted(Comparator.comparingLong(Attempt::start))
                .toList();
    }

    List<String> repositories() {
        return Stream.concat(
                        attempts.stream().map(Attempt::repository),
                        connections.stream().flatMap(connection -> connection.repositories.stream()))
                .distinct()
                .sorted()
                .toList();
    }

    List<Connection> connections() {
        return List.copyOf(connections);
    }

    List<Fault> faults() {
        return List.copyOf(faults);
    }

    /** How many attempts ended so. */
    long count(Outcome outcome) {
        return attempts.stream().filter(attempt -> attempt.outcome() == outcome).count();
    }

    long receipts() {
        return connections.stream()
                .mapToLong(connection -> connection.receipts.size())
                .sum();
    }

    /** Everything about one repository, by time, one line each: what a reader of a violation needs. */
    List<String> tell(String repository) {
        record Line(long at, String text) {}
        List<Line> lines = new ArrayList<>();
        faults.forEach(fault -> lines.add(new Line(fault.at(), fault.toString())));
        attempts(repository).forEach(attempt -> lines.add(new Line(attempt.end(), attempt.toString())));
        for (Connection connection : connections) {
            if (connection.repositories.contains(repository)) {
                lines.add(new Line(connection.start, connection + " begins"));
                connection
                        .receipts(repository)
                        .forEach(receipt -> lines.add(new Line(
                                receipt.at(),
                                "%s receives %s #%d %s"
                                        .formatted(connection, repository, receipt.serial(), receipt.position()))));
            }
        }
        return lines.stream()
                .sorted(Comparator.comparingLong(Line::at))
                .map(line -> seconds(line.at()) + "  " + line.text())
                .toList();
    }

    private static String seconds(long nanos) {
        return "%.3f s".formatted(nanos / 1e9);
    }
}
