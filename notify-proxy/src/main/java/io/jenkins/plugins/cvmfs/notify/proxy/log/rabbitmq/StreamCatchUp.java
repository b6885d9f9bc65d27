package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the stream between the place where reading began and the fence that was published then: of each repository the
 * last announcement only, as subscribers need the state and not the history, and no more of them than the ledger keeps. On the
 * consumer's thread.
 */
final class StreamCatchUp {

    private record Last(StreamMessage message, ActivityMessage activity) {}

    private final MessageReader intake;
    private final Predicate<UUID> isOpen;
    private final RepositoryLimits limits;
    /** The last order of each repository; what was read after it is in the other map. */
    private final Map<RepositoryName, Forgotten> forgets = new LinkedHashMap<>();

    /** In the order in which they were read. */
    private final Map<RepositoryName, Last> byRepository = new LinkedHashMap<>();

    private long bytes;
    private final List<UUID> superseded = new ArrayList<>();
    private @Nullable String epoch;
    private @Nullable String firstClaim;

    /**
     * @param isOpen whether this proxy has a publish, or an order to forget, with this id that is not yet known to be safe
     * @param epoch that of the stream; empty if reading begins at the stream's first message, which will tell
     */
    StreamCatchUp(MessageReader intake, Predicate<UUID> isOpen, Optional<String> epoch) {
        this.intake = intake;
        this.limits = intake.ledger().lastValues().limits();
        this.isOpen = isOpen;
        this.epoch = epoch.orElse(null);
    }

    /** Takes a message on; says of which repository it is now the last announcement, if of any. */
    Optional<RepositoryName> add(StreamMessage message) {
        String named = message.label().epochOrNull();
        if (message.isFence()) {
            firstClaim = firstClaim == null ? named : firstClaim;
        } else if (message.isForget()) {
            intake.forget(message.label(), message.body()).ifPresent(this::forget);
        } else if (!RoutingKeys.isOurs(message.key())) {
            epoch = epoch == null ? named : epoch;
            Optional<ActivityMessage> activity = intake.read(message.key(), message.body());
            return activity.filter(read -> put(new Last(message, read))).map(ActivityMessage::repository);
        }
        return Optional.empty();
    }

    private void forget(Forgotten order) {
        RepositoryName repository = order.repository();
        Last before = byRepository.get(repository);
        if (before != null) {
            if (wasAcceptedAfter(before, order)) {
                supersede(order.idOrNull());
                return;
            }
            remove(before);
        }
        Forgotten earlier = forgets.remove(repository);
        if (earlier != null) {
            supersede(earlier.idOrNull());
        }
        forgets.put(repository, order);
        if (forgets.size() > limits.maxRepositories()) {
            Forgotten oldest = forgets.values().iterator().next();
            forgets.remove(oldest.repository());
            supersede(oldest.idOrNull());
        }
    }

    /** One who reads live ignores such an order. Of a message without a time the place in the stream says that it came before. */
    private static boolean wasAcceptedAfter(Last last, Forgotten order) {
        Instant acceptedAt = last.message().label().announcedAtOrNull();
        return acceptedAt != null && acceptedAt.isAfter(order.at());
    }

    private boolean put(Last read) {
        Last before = byRepository.get(read.activity().repository());
        if (before != null && read.message().label().isCopy() && !isNewer(read, before)) {
            supersede(read.message().label().idOrNull());
            return false;
        }
        if (before != null) {
            remove(before);
        }
        byRepository.put(read.activity().repository(), read);
        bytes += read.message().body().length;
        while (byRepository.size() > limits.maxRepositories()
                || (bytes > limits.maxLastValueBytes() && byRepository.size() > 1)) {
            remove(byRepository.values().iterator().next());
        }
        return true;
    }

    private void remove(Last last) {
        byRepository.remove(last.activity().repository());
        bytes -= last.message().body().length;
        supersede(last.message().label().idOrNull());
    }

    private boolean isNewer(Last read, Last before) {
        return arrival(read, "").recency().compareTo(arrival(before, "").recency()) > 0;
    }

    private void supersede(@Nullable UUID id) {
        if (id != null && isOpen.test(id)) {
            superseded.add(id);
        }
    }

    /**
     * The stream's epoch: what its messages say, else what the first fence says that can still be read. If the oldest fences are
     * gone, two proxies may name the same stream differently; all that costs is a repeated last value for a subscriber that
     * moves from one to the other.
     */
    String epoch() {
        if (epoch != null) {
            return epoch;
        }
        return firstClaim != null ? firstClaim : "unnamed";
    }

    /** The repositories that are to be forgotten before the last announcements are taken on. */
    List<Forgotten> forgets() {
        return forgets.values().stream().filter(order -> !isOver(order)).toList();
    }

    /**
     * Whether the ledger knows the announcement that stands behind the order: the stream is being read once more, and that announcement
     * would not be taken on again. A copy may be of an announcement from before.
     */
    private boolean isOver(Forgotten order) {
        RepositoryName repository = order.repository();
        Last behind = byRepository.get(repository);
        return behind != null
                && !behind.message().label().isCopy()
                && intake.ledger()
                        .lastValues()
                        .of(repository)
                        .filter(known -> holds(known) || standsAtOrBehind(known.position(), behind))
                        .isPresent();
    }

    private boolean standsAtOrBehind(LogPosition known, Last last) {
        return known.epoch().equals(epoch()) && known.offset() >= last.message().offset();
    }

    /** The last announcement of each repository, in the stream's order. */
    List<IncomingMessage> lastArrivals() {
        return byRepository.values().stream()
                .sorted(Comparator.comparingLong(last -> last.message().offset()))
                .map(last -> arrival(last, epoch()))
                .toList();
    }

    private IncomingMessage arrival(Last last, String inEpoch) {
        StreamMessage message = last.message();
        Way way = message.label().isCopy() ? Way.STREAM_COPY : Way.STREAM_LATE;
        return intake.arrival(
                last.activity(), message.label(), Source.stream(way, new LogPosition(inEpoch, message.offset())));
    }

    /** This proxy's open publishes whose messages stand in the gap but are not the last of their repository. */
    List<UUID> superseded() {
        return superseded;
    }

    /** Whether this is what the gap holds for its repository. */
    boolean holds(LogEntry entry) {
        Last last = byRepository.get(entry.repository());
        return last != null
                && last.message().label().idOrNull() != null
                && last.message().label().idOrNull().equals(entry.idOrNull());
    }
}
