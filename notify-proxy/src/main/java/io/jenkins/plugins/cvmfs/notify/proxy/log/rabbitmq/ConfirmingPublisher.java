package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerConsumer.FlowControl;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import java.io.IOException;
import java.util.ArrayList;
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
 * Publishes on one channel with confirms. A message that the broker cannot route is returned before its confirm, and then counts as not
 * taken. The stream has messages in the order in which the channel publishes them. So one that is confirmed before an earlier one is not
 * delivered ahead of the stream, nor one that may be in it twice. Publishes on the broker thread; the broker's answers come on the
 * connection's.
 */
final class ConfirmingPublisher {

    /** With more open publishes each waits until it is read: so publishers cannot fill the stream faster than it is read. */
    private static final int MOST_AHEAD = FlowControl.PREFETCH;

    private final Channel channel;
    private final String exchange;
    private final OpenPublishes publishes;
    private final LogRecorder recorder;
    private final Supplier<Optional<String>> epoch;
    private final Predicate<Command> later;
    /** Publishes by the numbers under which the broker confirms them, and empty ones for probes. */
    private final ConcurrentSkipListMap<Long, Optional<OpenPublish>> unconfirmed = new ConcurrentSkipListMap<>();

    private volatile @Nullable UUID probe;
    private volatile boolean probeReturned;
    /** True if everything before what is being confirmed has been confirmed; on the connection's thread. */
    private boolean isInOrder;
    /** The messages that are being confirmed and are delivered ahead of the stream; on the connection's thread. */
    private final List<IncomingMessage> ahead = new ArrayList<>();

    /**
     * @param recorder delivers what the broker has confirmed, ahead of the stream
     * @param epoch the stream's, once it is known and read live
     * @param later takes commands for the broker thread; false if too many wait
     */
    ConfirmingPublisher(
            Channel channel,
            String exchange,
            OpenPublishes publishes,
            LogRecorder recorder,
            Supplier<Optional<String>> epoch,
            Predicate<Command> later)
            throws IOException {
        this.channel = channel;
        this.exchange = exchange;
        this.publishes = publishes;
        this.recorder = recorder;
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
    void publish(OpenPublish publish) throws IOException {
        if (publish.isFirstSendBy(this)) {
            unconfirmed.put(channel.getNextPublishSeqNo(), Optional.of(publish));
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
        unconfirmed.put(channel.getNextPublishSeqNo(), Optional.empty());
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

    private void answered(long number, boolean multiple, Consumer<Optional<OpenPublish>> outcome) {
        Map<Long, Optional<OpenPublish>> upTo =
                multiple ? unconfirmed.headMap(number, true) : unconfirmed.subMap(number, true, number, true);
        List<Optional<OpenPublish>> taken = List.copyOf(upTo.values());
        upTo.clear();
        isInOrder = unconfirmed.headMap(number).isEmpty();
        taken.forEach(outcome);
        if (!ahead.isEmpty()) {
            // If too many messages wait for the disk, the others are delivered when they are read.
            recorder.offer(ahead);
            ahead.clear();
        }
    }

    private void acknowledged(Optional<OpenPublish> confirmed) {
        if (confirmed.isEmpty()) {
            if (probeReturned) {
                // If too many commands wait, the next probe is returned as well.
                var unused = later.test(new Command.RebindAll());
            }
            return;
        }
        OpenPublish publish = confirmed.get();
        if (!publish.isReturnedBy(this)) {
            boolean isToRecord = publishes.confirmed(publish.id());
            boolean mayBeAhead = isInOrder && !publish.mayComeTwice() && publishes.size() <= MOST_AHEAD;
            if (isToRecord && mayBeAhead && epoch.get().isPresent()) {
                ahead.add(publish.confirmedMessage());
            }
        } else if (!later.test(new Command.Reroute(publish))) {
            publishes.failUnroutable(publish.id());
        }
    }

    private void refused(Optional<OpenPublish> refused) {
        refused.ifPresent(publish ->
                publishes.fail(publish.id(), new LogUnavailableException("the broker refused the message", null)));
    }
}
