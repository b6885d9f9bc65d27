package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The arrivals that are recorded together: which of them are new, and as what. An announcement of a forgotten repository may have been
 * accepted before that and come later. It counts, and gets a time after that of the order, so that all who compare times keep it.
 */
final class RecordBatch {

    /** An arrival with something new in it. */
    record Accepted(IncomingMessage arrival, LogEntry entry) {}

    private final LastValues known;
    private final RecentIds seen;
    private final OwnPositions positions;
    private final Map<RepositoryName, LogEntry> newest = new HashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final List<UUID> repeated = new ArrayList<>();

    RecordBatch(LastValues known, RecentIds seen, OwnPositions positions) {
        this.known = known;
        this.seen = seen;
        this.positions = positions;
    }

    void add(IncomingMessage arrival) {
        if (isRepeated(arrival)) {
            arrival.id().ifPresent(repeated::add);
            return;
        }
        arrival.id().ifPresent(seen::add);
        LogPosition position = arrival.source() instanceof Source.Stream stream ? stream.position() : positions.take();
        Announcement announcement = new Announcement(arrival.message(), position, announcedAt(arrival));
        LogEntry entry = new LogEntry(announcement, arrival.idOrNull());
        newest.put(entry.repository(), entry);
        accepted.add(new Accepted(arrival, entry));
    }

    private Instant announcedAt(IncomingMessage arrival) {
        return forgottenSince(arrival).map(Recency::after).orElse(arrival.announcedAt());
    }

    private boolean isRepeated(IncomingMessage arrival) {
        RepositoryName repository = arrival.message().repository();
        Optional<LogEntry> last = Optional.ofNullable(newest.get(repository)).or(() -> known.of(repository));
        return arrival.id().filter(seen::contains).isPresent()
                || isForgotten(arrival)
                || last.filter(arrival::repeats).isPresent();
    }

    private boolean isForgotten(IncomingMessage arrival) {
        return arrival.source().mayBeForgotten() && forgottenSince(arrival).isPresent();
    }

    /** When the repository was forgotten, if its time says that the announcement is from before. */
    private Optional<Instant> forgottenSince(IncomingMessage arrival) {
        return known.forgottenAt(arrival.message().repository())
                .filter(at -> !arrival.announcedAt().isAfter(at));
    }

    /** What is new, in the order of arrival. */
    List<Accepted> accepted() {
        return accepted;
    }

    /** What is new, as entries. */
    List<LogEntry> entries() {
        return accepted.stream().map(Accepted::entry).toList();
    }

    /** The publishes that had arrived before. */
    List<UUID> repeated() {
        return repeated;
    }

    /** Whether one of them must survive a crash right after its delivery. */
    boolean mustBeDurable() {
        return accepted.stream().anyMatch(a -> a.arrival().source().mustBeDurable());
    }
}
