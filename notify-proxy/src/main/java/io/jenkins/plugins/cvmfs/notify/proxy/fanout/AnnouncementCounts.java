package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts announcements in steps of time, for a fixed number of steps in each {@link Range}: a step without a count had none. Begins with the
 * process. Takes about 1 KiB, and 2 KiB more where times of propagation are noted. Thread-safe.
 */
public final class AnnouncementCounts {

    /** A length of time up to now, and the steps it is divided into. */
    public enum Range {
        HOUR("1h", Duration.ofMinutes(1), 60),
        DAY("24h", Duration.ofMinutes(15), 96),
        WEEK("7d", Duration.ofHours(2), 84);

        private final String text;
        private final Duration step;
        private final int steps;

        Range(String text, Duration step, int steps) {
            this.text = text;
            this.step = step;
            this.steps = steps;
        }

        /** Returns the range of this name, such as {@code 24h}; empty if there is none. */
        public static Optional<Range> of(String text) {
            return Arrays.stream(values())
                    .filter(range -> range.text.equals(text))
                    .findFirst();
        }

        /** Returns its name in URLs. */
        public String text() {
            return text;
        }

        /** Returns the length of a step. */
        public Duration step() {
            return step;
        }

        private long stepAt(Instant time) {
            return Math.floorDiv(time.toEpochMilli(), step.toMillis());
        }
    }

    /**
     * The counts of a range, oldest first.
     *
     * @param end when the last step ends, which is later than now
     * @param announcements how many there were in each step
     * @param slowest the longest propagation of each step, as far as it was noted
     */
    public record Series(Range range, Instant end, List<Integer> announcements, List<Optional<Duration>> slowest) {

        public Series {
            announcements = List.copyOf(announcements);
            slowest = List.copyOf(slowest);
        }
    }

    private final Map<Range, Ring> rings = new EnumMap<>(Range.class);
    private long total;

    /** Counts one more. A time before that of the last one counts as the same. */
    synchronized void count(Instant now) {
        total++;
        for (Range range : Range.values()) {
            rings.computeIfAbsent(range, Ring::new).count(range.stepAt(now));
        }
    }

    /** Notes how long one that was counted took, once it has been written to all who are to get it. */
    synchronized void took(Dispatch done) {
        rings.forEach((range, ring) -> ring.took(range.stepAt(done.arrivedAt()), time(done)));
    }

    private static Duration time(Dispatch dispatch) {
        return dispatch.propagation().orElseGet(dispatch::logDelay);
    }

    /** Returns how many were counted. */
    synchronized long total() {
        return total;
    }

    /** Returns how many were counted in the minute that {@code now} is in and the 59 before it. */
    int lastHour(Instant now) {
        return series(Range.HOUR, now).announcements().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** Returns the steps up to the one that {@code now} is in. */
    Series series(Range range, Instant now) {
        return series(range, now, List.of());
    }

    /** Returns the same, with the times of those that have not been noted yet. */
    synchronized Series series(Range range, Instant now, List<Dispatch> pending) {
        Ring ring = rings.getOrDefault(range, new Ring(range));
        long last = Math.max(ring.newest, range.stepAt(now));
        Map<Long, Duration> late = pending.stream()
                .collect(Collectors.toMap(
                        it -> range.stepAt(it.arrivedAt()),
                        AnnouncementCounts::time,
                        BinaryOperator.maxBy(Comparator.naturalOrder())));
        List<Long> steps =
                LongStream.rangeClosed(last - range.steps + 1, last).boxed().toList();
        return new Series(
                range,
                Instant.ofEpochMilli((last + 1) * range.step.toMillis()),
                steps.stream().map(ring::countAt).toList(),
                steps.stream()
                        .map(step -> Stream.concat(ring.slowestAt(step).stream(), Stream.ofNullable(late.get(step)))
                                .max(Comparator.naturalOrder()))
                        .toList());
    }

    private static final class Ring {

        private final int[] counts;
        private long @Nullable [] slowestNanos;
        private long newest;

        Ring(Range range) {
            counts = new int[range.steps];
        }

        void count(long step) {
            for (long passed = Math.max(newest + 1, step - counts.length + 1); passed <= step; passed++) {
                clear(index(passed));
            }
            newest = Math.max(newest, step);
            counts[index(newest)]++;
        }

        private void clear(int index) {
            counts[index] = 0;
            if (slowestNanos != null) {
                slowestNanos[index] = 0;
            }
        }

        void took(long step, Duration time) {
            if (has(step)) {
                if (slowestNanos == null) {
                    slowestNanos = new long[counts.length];
                }
                slowestNanos[index(step)] = Math.max(slowestNanos[index(step)], Math.max(1, time.toNanos()));
            }
        }

        int countAt(long step) {
            return has(step) ? counts[index(step)] : 0;
        }

        Optional<Duration> slowestAt(long step) {
            long nanos = slowestNanos == null || !has(step) ? 0 : slowestNanos[index(step)];
            return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
        }

        private boolean has(long step) {
            return step <= newest && newest - step < counts.length;
        }

        private int index(long step) {
            return Math.floorMod(step, counts.length);
        }
    }
}
