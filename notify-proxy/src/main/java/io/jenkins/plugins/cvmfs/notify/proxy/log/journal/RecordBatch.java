package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The messages that are recorded together: which of them are new, and as what. An announcement of a forgotten repository may have been
 * accepted before that and come later. It counts, and gets a time after that of the order, so that all proxies that compare times keep
 * it.
 */
final class RecordBatch {

    /** A message with something new in it. */
    record Accepted(IncomingMessage message, LogEntry entry) {}

    private final LastValues known;
    private final RecentIds recentIds;
    private final Journal journal;
    private final Map<RepositoryName, LogEntry> newest = new HashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final List<UUID> repeated = new ArrayList<>();

    /** @param journal assigns positions */
    RecordBatch(LastValues known, RecentIds recentIds, Journal journal) {
        this.known = known;
        this.recentIds = recentIds;
        this.journal = journal;
    }

    void add(IncomingMessage message) {
        Optional<Instant> forgottenAt = known.forgottenAt(message.repository())
                .filter(at -> !message.announcedAt().isAfter(at));
        Optional<LogEntry> last =
                Optional.ofNullable(newest.get(message.repository())).or(() -> known.of(message.repository()));
        UUID id = message.idOrNull();
        if (isRepeated(message, last, forgottenAt.isPresent())) {
            if (id != null) {
                repeated.add(id);
            }
            return;
        }
        if (id != null) {
            recentIds.add(id);
        }
        LogPosition position = message.source().positionOrNull();
        Announcement announcement = new Announcement(
                message.message(),
                position != null ? position : journal.nextPosition(),
                time(message, last, forgottenAt));
        LogEntry entry = new LogEntry(announcement, id);
        newest.put(entry.repository(), entry);
        accepted.add(new Accepted(message, entry));
    }

    private boolean isRepeated(IncomingMessage message, Optional<LogEntry> last, boolean isForgotten) {
        UUID id = message.idOrNull();
        return (id != null && recentIds.contains(id))
                || (isForgotten && message.source().mayBeForgotten())
                || last.filter(message::repeats).isPresent();
    }

    /** A message that comes in order is later than the last one, and any message is later than the order to forget. */
    private static Instant time(IncomingMessage message, Optional<LogEntry> last, Optional<Instant> forgottenAt) {
        return last.filter(entry -> message.source().isInOrder())
                .map(LogEntry::announcedAt)
                .filter(before -> !message.announcedAt().isAfter(before))
                .or(() -> forgottenAt)
                .map(Recency::after)
                .orElse(message.announcedAt());
    }

    /** New records, in the order of arrival. */
    List<Accepted> accepted() {
        return accepted;
    }

    /** The publishes that had come before. */
    List<UUID> repeated() {
        return repeated;
    }

    /**
     * Returns whether one of the new ones must survive a crash of the machine right after its delivery. A broker has what it confirmed
     * in memory; if the power of both fails, the journal is the only place that is left.
     *
     * @param isAwaited whether a publisher waits for the message with an id
     */
    boolean mustBeSynced(Predicate<UUID> isAwaited) {
        return accepted.stream()
                .map(Accepted::message)
                .anyMatch(message -> message.source().mustBeDurable()
                        || message.source().way() == Way.STREAM_LATE
                        || message.id().filter(isAwaited).isPresent());
    }
}
