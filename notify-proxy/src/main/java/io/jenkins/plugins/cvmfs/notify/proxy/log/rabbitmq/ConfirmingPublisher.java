package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes on one channel with confirms. A message that the broker cannot route comes back before its confirm, and then counts as
 * not taken. Publishing is the link's thread's; the broker's answers come on the connection's.
 */
final class ConfirmingPublisher {

    private final Channel channel;
    private final String exchange;
    private final UnconfirmedPublishes appends;
    private final Supplier<Optional<String>> epoch;
    private final Predicate<BrokerCommand> later;
    private final ConcurrentSkipListMap<Long, UUID> unconfirmed = new ConcurrentSkipListMap<>();
    private final Set<UUID> returned = ConcurrentHashMap.newKeySet();
    private final Set<UUID> probes = ConcurrentHashMap.newKeySet();

    /**
     * @param epoch the stream's, once it is known
     * @param later takes orders for the link's thread, or has no room for them
     */
    ConfirmingPublisher(
            Channel channel,
            String exchange,
            UnconfirmedPublishes appends,
            Supplier<Optional<String>> epoch,
            Predicate<BrokerCommand> later)
            throws IOException {
        this.channel = channel;
        this.exchange = exchange;
        this.appends = appends;
        this.epoch = epoch;
        this.later = later;
        channel.addReturnListener(message ->
                returned(MessageProperties.of(message.getProperties()).idOrNull()));
        channel.addConfirmListener(
                (number, multiple) -> answered(number, multiple, this::acknowledged),
                (number, multiple) -> answered(number, multiple, this::refused));
        channel.confirmSelect();
    }

    /** Publishes an append, unless this publisher has done so before. Its key must be bound. */
    void publish(UnconfirmedPublish append) throws IOException {
        if (append.isFirstSendBy(this)) {
            unconfirmed.put(channel.getNextPublishSeqNo(), append.id());
            RepositoryName repository = append.message().repository();
            MessageProperties label = MessageProperties.announcement(append.id(), append.announcedAt(), epoch.get());
            channel.basicPublish(
                    exchange,
                    RoutingKeys.of(repository),
                    true,
                    label.toProperties(),
                    append.message().raw());
        }
    }

    /** Publishes a message that no publisher waits for; if no queue takes it, it is gone. */
    void send(BrokerCommand.Parcel parcel) throws IOException {
        channel.basicPublish(exchange, parcel.key(), parcel.label().toProperties(), parcel.body());
    }

    /** Publishes an empty message. If no queue takes it, {@link BrokerCommand.RebindAll} is ordered. */
    void probe(String key) throws IOException {
        UUID id = UUID.randomUUID();
        probes.add(id);
        unconfirmed.put(channel.getNextPublishSeqNo(), id);
        MessageProperties label = MessageProperties.question(id, null, null);
        channel.basicPublish(exchange, key, true, label.toProperties(), new byte[0]);
    }

    private void returned(@Nullable UUID id) {
        if (id != null) {
            returned.add(id);
        }
    }

    private void answered(long number, boolean multiple, Consumer<UUID> outcome) {
        Map<Long, UUID> upTo =
                multiple ? unconfirmed.headMap(number, true) : unconfirmed.subMap(number, true, number, true);
        Collection<UUID> ids = List.copyOf(new ArrayList<>(upTo.values()));
        upTo.clear();
        ids.forEach(outcome);
    }

    private void acknowledged(UUID id) {
        boolean wasReturned = returned.remove(id);
        if (probes.remove(id)) {
            probed(wasReturned);
        } else if (!wasReturned) {
            appends.confirmed(id);
        } else if (!later.test(new BrokerCommand.Reroute(id))) {
            appends.fail(id, new LogUnavailableException("the broker has no queue that takes the message", null));
        }
    }

    private void probed(boolean wasReturned) {
        if (wasReturned) {
            // If there is no room, the next probe is returned as well.
            var unused = later.test(new BrokerCommand.RebindAll());
        }
    }

    private void refused(UUID id) {
        probes.remove(id);
        appends.fail(id, new LogUnavailableException("the broker refused the message", null));
    }
}
