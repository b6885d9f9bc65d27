package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An announcement as it was recorded.
 *
 * @param idOrNull identifies the publish it came from, on whatever way and however often it travels; null if another program
 *     published it
 */
public record LogEntry(Announcement announcement, @Nullable UUID idOrNull) implements JournalRecord {

    /** The publish it came from; empty if another program published it. */
    public Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }

    /** The repository that was announced. */
    public RepositoryName repository() {
        return announcement.message().repository();
    }

    /** The message's bytes as they were published. */
    public byte[] body() {
        return announcement.message().raw();
    }

    /** The position in the log. */
    public LogPosition position() {
        return announcement.position();
    }

    /** When it was accepted, in milliseconds. */
    public Instant announcedAt() {
        return announcement.announcedAt();
    }

    /** Compares it with other announcements of the repository. */
    public Recency recency() {
        return new Recency(announcedAt(), idOrNull);
    }

    /** Returns the same entry at this position. */
    LogEntry at(LogPosition position) {
        return new LogEntry(new Announcement(announcement.message(), position, announcedAt()), idOrNull);
    }

    /** Returns the same entry, accepted right after that time. */
    LogEntry after(Instant time) {
        return new LogEntry(new Announcement(announcement.message(), position(), Recency.after(time)), idOrNull);
    }

    /**
     * Which of two announcements of one repository was accepted later, on whatever ways they came. The order is total, so that
     * any two proxies agree.
     *
     * @param announcedAt when it was accepted, in milliseconds
     * @param idOrNull the publish it came from; null if another program published it
     */
    public record Recency(Instant announcedAt, @Nullable UUID idOrNull) implements Comparable<Recency> {

        /** A later time is taken for a mistake; the limit also keeps sums of times in range. */
        private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

        /** Reads a time of acceptance that another program wrote, in milliseconds since 1970; empty if it is out of range. */
        public static Optional<Instant> time(long millis) {
            return millis < 0 || millis > LATEST.toEpochMilli()
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochMilli(millis));
        }

        /** Returns the same time, or the nearest one that {@link #time} accepts. */
        public static Instant nearestTime(Instant time) {
            if (time.isBefore(Instant.EPOCH)) {
                return Instant.EPOCH;
            }
            return time.isAfter(LATEST) ? LATEST : time;
        }

        /** Returns the time of an announcement that is accepted now. */
        public static Instant now(Clock clock) {
            return nearestTime(clock.instant().truncatedTo(ChronoUnit.MILLIS));
        }

        /** Returns the next time after that one, if there is one. */
        static Instant after(Instant time) {
            return nearestTime(time.plusMillis(1));
        }

        @Override
        public int compareTo(Recency other) {
            int byTime = announcedAt.compareTo(other.announcedAt);
            if (byTime != 0) {
                return byTime;
            }
            return idOrNull == null || other.idOrNull == null
                    ? Boolean.compare(idOrNull != null, other.idOrNull != null)
                    : idOrNull.compareTo(other.idOrNull);
        }
    }
}
