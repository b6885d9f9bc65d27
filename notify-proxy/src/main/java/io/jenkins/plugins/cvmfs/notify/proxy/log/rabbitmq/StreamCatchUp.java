package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.StreamConsumer.StreamMessage;
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
 * The content of the stream between the place where reading began and the fence that was published then: of each repository the
 * last announcement only, as subscribers need the state and not the history, and no more of them than the recorder keeps. On the
 * consumer's thread.
 */
final class StreamCatchUp {

    private static final int MOST_IDS = 64 * 1024;

    private record Last(StreamMessage message, ActivityMessage activity) {

        RepositoryName repository() {
            return activity.repository();
        }

        @Nullable
        UUID idOrNull() {
            return message.properties().idOrNull();
        }

        boolean has(@Nullable UUID id) {
            return id != null && id.equals(idOrNull());
        }

        boolean isCopy() {
            return message.properties().isCopy();
        }

        /** An order was given before the place of its copy, perhaps also before this announcement. */
        boolean isWithoutTime() {
            return message.properties().announcedAtOrNull() == null;
        }

        /** A proxy that reads live ignores such an order. A message without a time came before it, by its position. */
        boolean wasAcceptedAfter(Forgotten order) {
            Instant acceptedAt = message.properties().announcedAtOrNull();
            return acceptedAt != null && acceptedAt.isAfter(order.at());
        }
    }

    private final MessageReader messages;
    private final Predicate<UUID> isOpen;
    private final RepositoryLimits limits;
    /** The last order of each repository; what was read after it is in the other map. */
    private final Map<RepositoryName, Forgotten> forgets = new LinkedHashMap<>();

    /** The last announcements, in the order in which they were read. */
    private final Map<RepositoryName, Last> byRepository = new LinkedHashMap<>();

    /** The offsets of messages by their ids: of the last {@value #MOST_IDS} that are not the last of their repository. */
    private final Map<UUID, Long> offsets = new LinkedHashMap<>();

    private long bytes;
    private final List<UUID> superseded = new ArrayList<>();
    private @Nullable String epoch;
    private @Nullable String firstClaim;

    /**
     * @param isOpen whether this proxy has a publish, or an order to forget, with this id that is not yet known to be safe
     * @param epoch that of the stream; empty if reading begins at the stream's first message, which names it
     */
    StreamCatchUp(MessageReader messages, Predicate<UUID> isOpen, Optional<String> epoch) {
        this.messages = messages;
        this.limits = messages.recorder().lastValues().limits();
        this.isOpen = isOpen;
        this.epoch = epoch.orElse(null);
    }

    /** Adds a message; returns the repository of which it is now the last announcement, or the order to forget it, if of any. */
    Optional<RepositoryName> add(StreamMessage message) {
        String named = message.properties().epochOrNull();
        if (message.isFence()) {
            firstClaim = firstClaim == null ? named : firstClaim;
        } else if (message.isForget()) {
            return messages.forget(message.properties(), message.body())
                    .filter(order -> forget(order, message.properties().isCopy()))
                    .map(Forgotten::repository);
        } else if (!RoutingKeys.isOurs(message.key())) {
            epoch = epoch == null ? named : epoch;
            Optional<ActivityMessage> activity = messages.read(message.key(), message.body());
            return activity.map(read -> new Last(message, read))
                    .filter(this::put)
                    .map(Last::repository);
        }
        return Optional.empty();
    }

    private boolean forget(Forgotten order, boolean isCopy) {
        RepositoryName repository = order.repository();
        Last before = byRepository.get(repository);
        if (before != null) {
            if (before.wasAcceptedAfter(order) || (isCopy && before.isWithoutTime())) {
                supersede(order.idOrNull());
                return false;
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
        return true;
    }

    private boolean put(Last read) {
        UUID id = read.idOrNull();
        if (id != null && isSuperseded(id, read.repository())) {
            superseded(id, read.message().offset());
            return false;
        }
        Last before = byRepository.get(read.repository());
        if (before != null && before.has(id)) {
            return true;
        }
        if (read.isCopy() && (before == null ? isForgotten(read) : !isNewer(read, before))) {
            supersede(id);
            return false;
        }
        if (before != null) {
            remove(before);
        }
        byRepository.put(read.repository(), read);
        bytes += read.message().body().length;
        while (byRepository.size() > limits.maxRepositories()
                || (bytes > limits.maxLastValueBytes() && byRepository.size() > 1)) {
            remove(byRepository.values().iterator().next());
        }
        return true;
    }

    private boolean isForgotten(Last copy) {
        Forgotten order = forgets.get(copy.repository());
        return order != null && !copy.wasAcceptedAfter(order);
    }

    private void remove(Last last) {
        byRepository.remove(last.repository());
        bytes -= last.message().body().length;
        UUID id = last.idOrNull();
        if (id != null) {
            superseded(id, last.message().offset());
        }
    }

    private void superseded(UUID id, long offset) {
        supersede(id);
        offsets.putIfAbsent(id, offset);
        if (offsets.size() > MOST_IDS) {
            offsets.remove(offsets.keySet().iterator().next());
        }
    }

    /** Returns whether a message has come before, and something else of its repository after it. */
    private boolean isSuperseded(UUID id, RepositoryName repository) {
        LogRecorder recorder = messages.recorder();
        Optional<LogEntry> known = recorder.lastValues().of(repository).filter(entry -> id.equals(entry.idOrNull()));
        return offsets.containsKey(id)
                || known.map(entry -> isBehind(byRepository.get(repository), entry.position()))
                        .orElseGet(() -> recorder.hasRecorded(id));
    }

    private boolean isBehind(@Nullable Last last, LogPosition known) {
        return last != null && known.epoch().equals(epoch()) && last.message().offset() > known.offset();
    }

    private boolean isNewer(Last read, Last before) {
        return incoming(read, "").recency().compareTo(incoming(before, "").recency()) > 0;
    }

    private void supersede(@Nullable UUID id) {
        if (id != null && isOpen.test(id)) {
            superseded.add(id);
        }
    }

    /**
     * Returns the stream's epoch: that of its messages, else that of the first fence that can still be read. If the oldest fences are
     * gone, two proxies may name the same stream differently; all that costs is a repeated last value for a subscriber that
     * moves from one to the other.
     */
    String epoch() {
        if (epoch != null) {
            return epoch;
        }
        return firstClaim != null ? firstClaim : "unnamed";
    }

    /** Returns the orders to forget, which come before the last announcements. */
    List<Forgotten> forgets() {
        return forgets.values().stream().filter(order -> !isOutlived(order)).toList();
    }

    /**
     * Returns whether the announcement after the order is already recorded: the stream is being read again, and that announcement would be
     * dropped. A copy may be of an announcement from before.
     */
    private boolean isOutlived(Forgotten order) {
        RepositoryName repository = order.repository();
        Last after = byRepository.get(repository);
        return after != null
                && !after.isCopy()
                && messages.recorder()
                        .lastValues()
                        .of(repository)
                        .filter(known -> holds(known) || standsAtOrAfter(known.position(), after))
                        .isPresent();
    }

    private boolean standsAtOrAfter(LogPosition known, Last last) {
        return known.epoch().equals(epoch()) && known.offset() >= last.message().offset();
    }

    /** Returns the last announcement of each repository, in the stream's order. */
    List<IncomingMessage> lastMessages() {
        return byRepository.values().stream()
                .sorted(Comparator.comparingLong(last -> last.message().offset()))
                .map(last -> incoming(last, epoch()))
                .toList();
    }

    private IncomingMessage incoming(Last last, String inEpoch) {
        StreamMessage message = last.message();
        Way way = last.isCopy() ? Way.STREAM_COPY : Way.STREAM_LATE;
        return messages.incoming(
                last.activity(), message.properties(), way, new LogPosition(inEpoch, message.offset()));
    }

    /** Returns where messages stand that are not the last of their repository, by their ids. */
    Map<UUID, LogPosition> positions() {
        String named = epoch();
        Map<UUID, LogPosition> positions = new LinkedHashMap<>();
        offsets.forEach((id, offset) -> positions.put(id, new LogPosition(named, offset)));
        return positions;
    }

    /** Returns this proxy's open publishes whose messages stand in the gap but are not the last of their repository. */
    List<UUID> superseded() {
        return superseded;
    }

    /** Returns whether this is what the gap holds for its repository. */
    boolean holds(LogEntry entry) {
        Last last = byRepository.get(entry.repository());
        return last != null && last.has(entry.idOrNull());
    }
}
