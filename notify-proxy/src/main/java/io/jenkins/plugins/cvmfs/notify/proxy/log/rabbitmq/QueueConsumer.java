package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads from a server-named queue that lives as long as the connection: all that the original service's user may have. Nobody keeps
 * what is published meanwhile, so each message is written to the journal before it counts, and gaps are closed by asking the
 * other proxies.
 *
 * <p>A reply that a repository was forgotten speaks of an order from before the question, as later ones arrive themselves. So it does
 * not concern an announcement that arrived since the question, whatever its time: that one was perhaps accepted before the order, but
 * sent after it.
 */
final class QueueConsumer implements BrokerConsumer {

    private final Channel channel;
    private final String queue;
    private final MessageReader intake;
    private final BrokerCommands outbox;
    private final UUID session = UUID.randomUUID();
    private final PeerSync catchUp;
    private final FlowControl flow;
    /** Those announced since they were last asked about. */
    private final Set<RepositoryName> announced = ConcurrentHashMap.newKeySet();

    private volatile boolean caughtUp;
    private volatile long lastDeliveryNanos = System.nanoTime();

    private QueueConsumer(Channel channel, String queue, MessageReader intake, BrokerCommands outbox) {
        this.channel = channel;
        this.queue = queue;
        this.intake = intake;
        this.outbox = outbox;
        this.catchUp = new PeerSync(session, intake.ledger().lastValues());
        this.flow = new FlowControl(channel);
    }

    /**
     * Declares a queue of its own.
     *
     * @param outbox takes what is to be sent to other proxies, and hears when reading has come to an end
     */
    static QueueConsumer declare(Channel channel, MessageReader intake, BrokerCommands outbox) throws IOException {
        String queue = channel.queueDeclare().getQueue();
        return new QueueConsumer(channel, queue, intake, outbox);
    }

    @Override
    public String kind() {
        return "queue";
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public List<String> keys() {
        return List.of(RoutingKeys.reply(session), RoutingKeys.CATCH_UP, RoutingKeys.FORGOTTEN);
    }

    @Override
    public String probeKey() {
        return RoutingKeys.probe(session.toString());
    }

    @Override
    public void begin(ConfirmingPublisher publisher) throws IOException {
        channel.basicQos(FlowControl.PREFETCH);
        channel.basicConsume(queue, false, new DeliveryHandler());
        publisher.send(catchUp.question());
    }

    @Override
    public void added(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException {
        repositories.forEach(announced::remove);
        publisher.send(catchUp.question(repositories));
    }

    /** The queue is this proxy's alone. */
    @Override
    public void removed(List<RepositoryName> repositories, ConfirmingPublisher publisher) {
        repositories.forEach(announced::remove);
    }

    @Override
    public void check() throws IOException {
        flow.acknowledgeIfDue();
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastDeliveryNanos);
    }

    @Override
    public Optional<String> epoch() {
        return Optional.empty();
    }

    private final class DeliveryHandler extends DefaultConsumer {

        DeliveryHandler() {
            super(channel);
        }

        @Override
        public void handleDelivery(
                String tag, com.rabbitmq.client.Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
            lastDeliveryNanos = System.nanoTime();
            try {
                take(envelope.getRoutingKey(), MessageProperties.of(properties), body);
                flow.done(envelope.getDeliveryTag());
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void handleCancel(String tag) {
            outbox.end(new BrokerError(BrokerError.Kind.OTHER, "the queue was deleted"));
        }
    }

    private void take(String key, MessageProperties label, byte[] body) throws InterruptedException {
        boolean mayForget = key.equals(RoutingKeys.FORGOTTEN) || RoutingKeys.isReply(key);
        Optional<Forgotten> forget = mayForget ? intake.forget(label, body) : Optional.empty();
        if (forget.isPresent()) {
            takeForget(key, forget.get());
        } else if (!RoutingKeys.isOurs(key)) {
            Optional<ActivityMessage> message = intake.read(key, body);
            message.map(ActivityMessage::repository).ifPresent(announced::add);
            put(message, label, Source.QUEUE);
        } else if (label.replyToOrNull() != null) {
            takeQuestion(key, label, label.replyToOrNull(), body);
        } else if (RoutingKeys.isReply(key)) {
            put(intake.read(body), label, Source.PEER);
        }
    }

    private void takeForget(String key, Forgotten order) throws InterruptedException {
        if (RoutingKeys.isReply(key) && announced.contains(order.repository())) {
            intake.ledger().outlive(order);
        } else {
            intake.ledger().forget(order);
        }
    }

    private void put(Optional<ActivityMessage> message, MessageProperties label, Source source)
            throws InterruptedException {
        if (message.isPresent()) {
            intake.ledger().put(intake.arrival(message.get(), label, source));
        }
    }

    /** One's own question comes back when everything routed before it has come. */
    private void takeQuestion(String key, MessageProperties label, String replyTo, byte[] body)
            throws InterruptedException {
        if (session.equals(label.idOrNull())) {
            intake.ledger().afterwards(() -> caughtUp = true);
            return;
        }
        Optional<Digest> digest = Digest.decode(body);
        if (digest.isPresent()) {
            boolean mayAskBack = key.equals(RoutingKeys.CATCH_UP);
            intake.ledger().afterwards(() -> answer(digest.get(), replyTo, mayAskBack));
        }
    }

    private void answer(Digest digest, String replyTo, boolean mayAskBack) {
        List<BrokerCommand.Parcel> parcels = catchUp.answer(digest, replyTo, mayAskBack);
        outbox.sendLater(parcels);
    }
}
