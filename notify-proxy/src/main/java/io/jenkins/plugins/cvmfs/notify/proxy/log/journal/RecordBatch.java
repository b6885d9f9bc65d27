package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The messages that are recorded together: which of them are new, and as what. An announcement that is delivered ahead of the stream is the
 * newest of its repository until it is read: what is read before it is dropped, as it stands before it in the stream.
 *
 * <p>An announcement of a forgotten repository may have been accepted before that and come later. It counts, and gets a time after that of
 * the order, so that all proxies that compare times keep it.
 */
final class RecordBatch {

    /**
     * A message with something new in it.
     *
     * @param isUnread whether it is delivered ahead of the stream that it stands in
     */
    record Accepted(IncomingMessage message, LogEntry entry, boolean isUnread) {}

    private final LastValues known;
    private final RecentIds recentIds;
    private final Journal journal;
    private final PendingAcks acks;
    private final Map<RepositoryName, LogEntry> newest = new HashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final List<LogEntry> located = new ArrayList<>();
    private final List<UUID> repeated = new ArrayList<>();
    private @Nullable LogPosition lastRead;

    /**
     * @param journal assigns positions
     * @param acks knows which publishes await an answer, and which were delivered unread
     */
    RecordBatch(LastValues known, RecentIds recentIds, Journal journal, PendingAcks acks) {
        this.known = known;
        this.recentIds = recentIds;
        this.journal = journal;
        this.acks = acks;
    }

    void add(IncomingMessage message) {
        Optional<Instant> forgottenAt = known.forgottenAt(message.repository())
                .filter(at -> !message.announcedAt().isAfter(at));
        Optional<LogEntry> last =
                Optional.ofNullable(newest.get(message.repository())).or(() -> known.of(message.repository()));
        UUID id = message.idOrNull();
        LogPosition position = message.positionOrNull();
        lastRead = position == null ? lastRead : position;
        boolean isOvertaken = position != null && last.filter(this::isUnread).isPresent();
        if (isRepeated(message, last, forgottenAt.isPresent())) {
            repeated(message, last);
            return;
        }
        boolean isAhead = message.way() == Way.CONFIRMED;
        if (isAhead && !message.id().filter(acks::mayDeliverUnread).isPresent()) {
            return;
        }
        if (id != null) {
            recentIds.add(id);
        }
        if (isOvertaken) {
            repeated(message, last);
            return;
        }
        Announcement announcement = new Announcement(
                message.message(),
                position != null ? position : journal.nextPosition(),
                time(message, last, forgottenAt));
        LogEntry entry = new LogEntry(announcement, id);
        newest.put(entry.repository(), entry);
        accepted.add(new Accepted(message, entry, isAhead));
    }

    /** Its position is not known, because it has not been read, in this batch or before. */
    private boolean isUnread(LogEntry last) {
        return last.position().epoch().equals(journal.epoch())
                && last.id().filter(acks::isUnread).isPresent();
    }

    private void repeated(IncomingMessage message, Optional<LogEntry> last) {
        UUID id = message.idOrNull();
        LogPosition position = message.positionOrNull();
        if (id != null) {
            repeated.add(id);
            if (position != null
                    && last.filter(entry -> isLacking(entry, id, position)).isPresent()) {
                locate(id, last.get().at(position));
            }
        }
    }

    /** Returns whether an entry is of that message, and was recorded in another log or before it was read. */
    private static boolean isLacking(LogEntry entry, UUID id, LogPosition position) {
        return id.equals(entry.idOrNull()) && !entry.position().epoch().equals(position.epoch());
    }

    private void locate(UUID id, LogEntry withPosition) {
        boolean isKnown = newest.put(withPosition.repository(), withPosition) == null;
        if (isKnown) {
            located.add(withPosition);
            return;
        }
        located.replaceAll(each -> id.equals(each.idOrNull()) ? withPosition : each);
        accepted.replaceAll(
                each -> id.equals(each.entry().idOrNull()) ? new Accepted(each.message(), withPosition, false) : each);
    }

    /** Entries of before whose positions are known now. */
    List<LogEntry> located() {
        return located;
    }

    /** The position of the last message of a stream; null if there was none. */
    @Nullable
    LogPosition lastReadOrNull() {
        return lastRead;
    }

    private boolean isRepeated(IncomingMessage message, Optional<LogEntry> last, boolean isForgotten) {
        UUID id = message.idOrNull();
        return (id != null && recentIds.contains(id))
                || (isForgotten && message.way().mayBeForgotten())
                || last.filter(message::repeats).isPresent();
    }

    /** A message that comes in order is later than the last one, and any message is later than the order to forget. */
    private static Instant time(IncomingMessage message, Optional<LogEntry> last, Optional<Instant> forgottenAt) {
        return last.filter(entry -> message.way().isInOrder())
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
     */
    boolean mustBeSynced() {
        return accepted.stream()
                .map(Accepted::message)
                .anyMatch(message -> message.way().mustBeDurable()
                        || message.way() == Way.STREAM_LATE
                        || message.id().filter(acks::isAwaited).isPresent());
    }
}
