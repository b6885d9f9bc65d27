package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.LogPosition;
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
final class Batch {

    /** An arrival with something new in it. */
    record Accepted(Arrival arrival, Entry entry) {}

    private final LastValues known;
    private final SeenIds seen;
    private final OwnPositions positions;
    private final Map<RepositoryName, Entry> newest = new HashMap<>();
    private final List<Accepted> accepted = new ArrayList<>();
    private final List<UUID> repeated = new ArrayList<>();

    Batch(LastValues known, SeenIds seen, OwnPositions positions) {
        this.known = known;
        this.seen = seen;
        this.positions = positions;
    }

    void add(Arrival arrival) {
        if (isRepeated(arrival)) {
            arrival.id().ifPresent(repeated::add);
            return;
        }
        arrival.id().ifPresent(seen::add);
        LogPosition position = arrival.source() instanceof Source.Stream stream ? stream.position() : positions.take();
        Announcement announcement = new Announcement(arrival.message(), position, announcedAt(arrival));
        Entry entry = new Entry(announcement, arrival.idOrNull());
        newest.put(entry.repository(), entry);
        accepted.add(new Accepted(arrival, entry));
    }

    private Instant announcedAt(Arrival arrival) {
        return forgottenSince(arrival).map(Recency::after).orElse(arrival.announcedAt());
    }

    private boolean isRepeated(Arrival arrival) {
        RepositoryName repository = arrival.message().repository();
        Optional<Entry> last = Optional.ofNullable(newest.get(repository)).or(() -> known.of(repository));
        return arrival.id().filter(seen::contains).isPresent()
                || isForgotten(arrival)
                || last.filter(arrival::repeats).isPresent();
    }

    private boolean isForgotten(Arrival arrival) {
        return arrival.source().mayBeForgotten() && forgottenSince(arrival).isPresent();
    }

    /** When the repository was forgotten, if its time says that the announcement is from before. */
    private Optional<Instant> forgottenSince(Arrival arrival) {
        return known.forgottenAt(arrival.message().repository())
                .filter(at -> !arrival.announcedAt().isAfter(at));
    }

    /** What is new, in the order of arrival. */
    List<Accepted> accepted() {
        return accepted;
    }

    /** What is new, as entries. */
    List<Entry> entries() {
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
