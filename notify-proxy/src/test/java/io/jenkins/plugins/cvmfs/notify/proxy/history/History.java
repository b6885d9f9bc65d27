package io.jenkins.plugins.cvmfs.notify.proxy.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
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
     */
    record Attempt(String repository, long serial, Life life, long start, long end, Outcome outcome) {

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

    /** What a fault does to a publish that is on its way. */
    enum Effect {
        /** It arrives at once, or never. */
        NOW_OR_NEVER,
        /** It may arrive when the fault is over: a buffer has it, of a program that was stopped or of the network. */
        HELD_UP
    }

    /** Something that is done to a part, for a while. */
    static final class Fault {

        /** Stands for the proxy if all of them are concerned. */
        static final int ALL = 0;

        /** What it is, without which part. */
        final String kind;

        private final String what;
        private final int proxy;
        private final Effect effect;
        final long start;
        private volatile long end = Long.MAX_VALUE;

        /**
         * @param what what it is, with the part
         * @param proxy the number of the proxy that it concerns, or {@link #ALL}
         */
        Fault(String kind, String what, int proxy, Effect effect, long start) {
            this.kind = kind;
            this.what = what;
            this.proxy = proxy;
            this.effect = effect;
            this.start = start;
        }

        void healed(long at) {
            end = at;
        }

        /** When it was healed; the latest time of all if it was not. */
        long end() {
            return end;
        }

        /** Returns whether what was on its way through a proxy at some time between these may have been held up. */
        boolean mayHoldUp(int through, long from, long to) {
            return effect == Effect.HELD_UP && (proxy == ALL || proxy == through) && start <= to && end >= from;
        }

        @Override
        public String toString() {
            return "%s from %s to %s".formatted(what, seconds(start), seconds(end));
        }
    }

    private final long beginning = System.nanoTime();
    private final Map<String, AtomicLong> serials = new ConcurrentHashMap<>();
    private final Collection<Attempt> attempts = new ConcurrentLinkedQueue<>();
    private final Collection<Connection> connections = new ConcurrentLinkedQueue<>();
    private final Collection<Fault> faults = new ConcurrentLinkedQueue<>();
    private volatile long calmFrom = Long.MAX_VALUE;
    private volatile long recoveredAt = Long.MAX_VALUE;

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

    /** From now on nothing fails any more, and every proxy says that it is ready. */
    void calm() {
        calmFrom = now();
    }

    /** When the last fault began or ended; 0 if there was none. */
    long lastFault() {
        return faults.stream()
                .mapToLong(fault -> fault.end == Long.MAX_VALUE ? fault.start : fault.end)
                .max()
                .orElse(0);
    }

    /** A publish has succeeded through every proxy since the last fault. */
    void recovered() {
        recoveredAt = now();
    }

    /** How long it took from the last fault until then; empty if it did not come to that. */
    Optional<Duration> recovery() {
        return recoveredAt == Long.MAX_VALUE
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(recoveredAt - lastFault()));
    }

    /** How often each kind of fault has struck. */
    SortedMap<String, Long> faultsByKind() {
        return faults.stream().collect(Collectors.groupingBy(fault -> fault.kind, TreeMap::new, Collectors.counting()));
    }

    /** Since when nothing has failed; the latest time of all before {@link #calm}. */
    long calmFrom() {
        return calmFrom;
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
        for (Fault fault : faults) {
            lines.add(new Line(fault.start, fault.toString()));
            lines.add(new Line(fault.end, "the end of: " + fault.what));
        }
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
        return nanos == Long.MAX_VALUE ? "the end" : "%.3f s".formatted(nanos / 1e9);
    }
}
