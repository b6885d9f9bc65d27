package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.UnconfirmedPublishes.UnconfirmedPublish;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes on one channel with confirms. A message that the broker cannot route is returned before its confirm, and then counts as
 * not taken. Publishes on the broker thread; the broker's answers come on the connection's.
 */
final class ConfirmingPublisher {

    private final Channel channel;
    private final String exchange;
    private final UnconfirmedPublishes publishes;
    private final Supplier<Optional<String>> epoch;
    private final Predicate<Command> later;
    /** Ids of publishes and probes by the numbers under which the broker confirms them. */
    private final ConcurrentSkipListMap<Long, UUID> unconfirmed = new ConcurrentSkipListMap<>();

    private volatile @Nullable UUID probe;
    private volatile boolean probeReturned;

    /**
     * @param epoch the stream's, once it is known
     * @param later takes commands for the broker thread; false if too many wait
     */
    ConfirmingPublisher(
            Channel channel,
            String exchange,
            UnconfirmedPublishes publishes,
            Supplier<Optional<String>> epoch,
            Predicate<Command> later)
            throws IOException {
        this.channel = channel;
        this.exchange = exchange;
        this.publishes = publishes;
        this.epoch = epoch;
        this.later = later;
        channel.addReturnListener(message ->
                returned(MessageProperties.of(message.getProperties()).idOrNull()));
        channel.addConfirmListener(
                (number, multiple) -> answered(number, multiple, this::acknowledged),
                (number, multiple) -> answered(number, multiple, this::refused));
        channel.confirmSelect();
    }

    /** Publishes a message, unless this publisher has done so before. Its key must be bound. */
    void publish(UnconfirmedPublish publish) throws IOException {
        if (publish.isFirstSendBy(this)) {
            unconfirmed.put(channel.getNextPublishSeqNo(), publish.id());
            RepositoryName repository = publish.message().repository();
            MessageProperties properties =
                    MessageProperties.announcement(publish.id(), publish.announcedAt(), epoch.get());
            channel.basicPublish(
                    exchange,
                    RoutingKeys.of(repository),
                    true,
                    properties.toProperties(),
                    publish.message().raw());
        }
    }

    /** Publishes a message that no publisher waits for; if no queue takes it, it is gone. */
    void send(OutgoingMessage message) throws IOException {
        channel.basicPublish(exchange, message.key(), message.properties().toProperties(), message.body());
    }

    /** Publishes an empty message. If no queue takes it, {@link Command.RebindAll} is queued. */
    void probe(String key) throws IOException {
        UUID id = UUID.randomUUID();
        probeReturned = false;
        probe = id;
        unconfirmed.put(channel.getNextPublishSeqNo(), id);
        MessageProperties properties = MessageProperties.question(id, null, null);
        channel.basicPublish(exchange, key, true, properties.toProperties(), new byte[0]);
    }

    private void returned(@Nullable UUID id) {
        if (id != null && id.equals(probe)) {
            probeReturned = true;
        } else if (id != null) {
            publishes.get(id).ifPresent(publish -> publish.returnedBy(this));
        }
    }

    private void answered(long number, boolean multiple, Consumer<UUID> outcome) {
        Map<Long, UUID> upTo =
                multiple ? unconfirmed.headMap(number, true) : unconfirmed.subMap(number, true, number, true);
        List<UUID> ids = List.copyOf(upTo.values());
        upTo.clear();
        ids.forEach(outcome);
    }

    private void acknowledged(UUID id) {
        if (id.equals(probe)) {
            if (probeReturned) {
                // If too many commands wait, the next probe is returned as well.
                var unused = later.test(new Command.RebindAll());
            }
            return;
        }
        publishes.get(id).ifPresent(publish -> {
            if (!publish.isReturnedBy(this)) {
                publishes.confirmed(id);
            } else if (!later.test(new Command.Reroute(publish))) {
                publishes.fail(id, new LogUnavailableException("the broker has no queue that takes the message", null));
            }
        });
    }

    private void refused(UUID id) {
        publishes.fail(id, new LogUnavailableException("the broker refused the message", null));
    }
}
