package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which of two announcements of one repository was accepted later, on whatever ways they came. The order is total, so that any
 * two proxies agree.
 *
 * @param announcedAt when it was accepted, in milliseconds
 * @param idOrNull which publish it came from; null if the publisher was none of our proxies
 */
public record Recency(Instant announcedAt, @Nullable UUID idOrNull) implements Comparable<Recency> {

    /** Beyond it no time is meant seriously; it also keeps sums of times in range. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    /** A time of acceptance that someone else wrote down, in milliseconds since 1970; empty if there can be none such. */
    public static Optional<Instant> time(long millis) {
        return millis < 0 || millis > LATEST.toEpochMilli()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(millis));
    }

    /** The same time, or the nearest one that {@link #time} takes. */
    static Instant nearestTime(Instant time) {
        if (time.isBefore(Instant.EPOCH)) {
            return Instant.EPOCH;
        }
        return time.isAfter(LATEST) ? LATEST : time;
    }

    /** The next time after that one, if there is one. */
    static Instant after(Instant time) {
        return nearestTime(time.plusMillis(1));
    }

    @Override
    public int compareTo(Recency other) {
        int byTime = announcedAt.compareTo(other.announcedAt);
        return byTime != 0 ? byTime : compareIds(idOrNull, other.idOrNull);
    }

    private static int compareIds(@Nullable UUID mine, @Nullable UUID other) {
        if (mine == null || other == null) {
            return Boolean.compare(mine != null, other != null);
        }
        return mine.compareTo(other);
    }
}
