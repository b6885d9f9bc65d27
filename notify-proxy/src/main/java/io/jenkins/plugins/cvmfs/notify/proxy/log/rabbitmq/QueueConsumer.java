package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.PeerSync.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads from a server-named queue that exists as long as the connection: all that the original service's user may have. Nothing keeps
 * what is published meanwhile, so each message is written to the journal before it counts, and gaps are closed by asking the
 * other proxies.
 *
 * <p>A reply is about announcements and orders to forget from before the question, as later ones arrive themselves. So it does not apply to
 * a repository that was announced since the question, whatever the times: that announcement was perhaps accepted before an order, but sent
 * after it, and the clock of the proxy that replies may have been ahead.
 */
final class QueueConsumer implements BrokerConsumer {

    private final Channel channel;
    private final String queue;
    private final MessageReader messages;
    private final LogRecorder recorder;
    private final BrokerCommands commands;
    private final UUID session = UUID.randomUUID();
    private final PeerSync peers;
    private final FlowControl flow;
    /** The repositories announced since they were last asked about. */
    private final Set<RepositoryName> announced = ConcurrentHashMap.newKeySet();

    private volatile boolean caughtUp;
    private volatile long lastDeliveryNanos = System.nanoTime();

    private QueueConsumer(Channel channel, String queue, MessageReader messages, BrokerCommands commands) {
        this.channel = channel;
        this.queue = queue;
        this.messages = messages;
        this.commands = commands;
        this.recorder = messages.recorder();
        this.peers = new PeerSync(session, recorder.lastValues());
        this.flow = new FlowControl(channel);
    }

    /**
     * Declares the queue.
     *
     * @param commands takes what is to be sent to other proxies, and the reason when reading ends
     */
    static QueueConsumer declare(Channel channel, MessageReader messages, BrokerCommands commands) throws IOException {
        String queue = channel.queueDeclare().getQueue();
        return new QueueConsumer(channel, queue, messages, commands);
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
        publisher.send(peers.question());
    }

    @Override
    public void added(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException {
        repositories.forEach(announced::remove);
        publisher.send(peers.question(repositories));
    }

    /** No other proxy uses the queue. */
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
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
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
            commands.end(new BrokerError(BrokerError.Kind.OTHER, "the queue was deleted"));
        }
    }

    private void take(String key, MessageProperties properties, byte[] body) throws InterruptedException {
        boolean mayForget = key.equals(RoutingKeys.FORGOTTEN) || RoutingKeys.isReply(key);
        Optional<Forgotten> forget = mayForget ? messages.forget(properties, body) : Optional.empty();
        if (forget.isPresent()) {
            takeForget(key, forget.get());
        } else if (!RoutingKeys.isOurs(key)) {
            Optional<ActivityMessage> message = messages.read(key, body);
            message.map(ActivityMessage::repository).ifPresent(announced::add);
            put(message, properties, Way.QUEUE);
        } else if (properties.replyToOrNull() != null) {
            takeQuestion(key, properties, properties.replyToOrNull(), body);
        } else if (RoutingKeys.isReply(key)) {
            put(messages.read(body).filter(message -> !announced.contains(message.repository())), properties, Way.PEER);
        }
    }

    private void takeForget(String key, Forgotten order) throws InterruptedException {
        if (RoutingKeys.isReply(key) && announced.contains(order.repository())) {
            recorder.outlive(order);
        } else {
            recorder.forget(order);
        }
    }

    private void put(Optional<ActivityMessage> message, MessageProperties properties, Way way)
            throws InterruptedException {
        if (message.isPresent()) {
            recorder.put(messages.incoming(message.get(), properties, way, null));
        }
    }

    /** This proxy's own question arrives when everything routed before it has arrived. */
    private void takeQuestion(String key, MessageProperties properties, String replyTo, byte[] body)
            throws InterruptedException {
        if (session.equals(properties.idOrNull())) {
            recorder.afterwards(() -> caughtUp = true);
            return;
        }
        Optional<Digest> digest = Digest.decode(body);
        if (digest.isPresent()) {
            boolean mayAskBack = key.equals(RoutingKeys.CATCH_UP);
            recorder.afterwards(() -> commands.sendLater(peers.answer(digest.get(), replyTo, mayAskBack)));
        }
    }
}
