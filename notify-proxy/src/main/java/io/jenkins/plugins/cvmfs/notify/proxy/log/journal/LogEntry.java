package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An announcement as the ledger recorded it.
 *
 * @param idOrNull identifies the publish it came from, on whatever way and however often it travels; null if the publisher was
 *     none of our proxies
 */
public record LogEntry(Announcement announcement, @Nullable UUID idOrNull) implements JournalRecord {

    /** Which publish it came from; empty if the publisher was none of our proxies. */
    public Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }

    /** Which repository it is about. */
    public RepositoryName repository() {
        return announcement.message().repository();
    }

    /** Where it stands in the log. */
    public LogPosition position() {
        return announcement.position();
    }

    /** When it was accepted, in milliseconds. */
    public Instant announcedAt() {
        return announcement.announcedAt();
    }

    /** The same, accepted right after that time. */
    LogEntry after(Instant time) {
        return new LogEntry(
                new Announcement(announcement.message(), announcement.position(), Recency.after(time)), idOrNull);
    }

    /** How it compares with other announcements of the repository. */
    public Recency recency() {
        return new Recency(announcement.announcedAt(), idOrNull);
    }
}
