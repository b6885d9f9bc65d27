package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Connects and sets up all that one session needs: exchange, feed, bindings. Everything here blocks; on the link's thread. */
final class SessionOpener {

    /** Orders that may wait in one session; appends are limited on their own. */
    private static final int OUTBOX = 50_000;

    private final AmqpConfig config;
    private final BrokerConnector connector;
    private final MessageReader intake;
    private final UnconfirmedPublishes appends;
    private final BrokerReport report;
    private final Duration probeInterval;
    private final StreamRefresh refresh;

    /** @param probeInterval how often a session looks whether its bindings are still there */
    SessionOpener(
            AmqpConfig config,
            BrokerConnector connector,
            MessageReader intake,
            UnconfirmedPublishes appends,
            BrokerReport report,
            Duration probeInterval) {
        this.config = config;
        this.connector = connector;
        this.intake = intake;
        this.appends = appends;
        this.report = report;
        this.probeInterval = probeInterval;
        this.refresh = new StreamRefresh(intake.ledger().lastValues(), config.streamMaxBytes());
    }

    /**
     * Opens a session that reads already.
     *
     * @param following repositories whose keys the session is to bind
     * @throws UnusableBrokerException if this user lacks the rights for what the configuration requires
     */
    BrokerSession open(FollowedRepositories following) throws IOException, GeneralSecurityException {
        BrokerCommands outbox = new BrokerCommands(OUTBOX);
        BrokerConnections connections = BrokerConnections.open(connector, outbox::end);
        try {
            BrokerConsumer feed = feed(connections.reading(), outbox);
            Bindings bindings = new Bindings(watched(connections.reading(), outbox), config.exchange(), feed.queue());
            bindings.addKeys(feed.keys());
            bindings.addKeys(List.of(feed.probeKey()));
            ConfirmingPublisher publisher = new ConfirmingPublisher(
                    watched(connections.publishing(), outbox), config.exchange(), appends, feed::epoch, outbox::offer);
            feed.begin(publisher);
            return new BrokerSession(
                    connections,
                    feed,
                    bindings,
                    publisher,
                    outbox,
                    appends,
                    following,
                    config.confirmTimeout(),
                    probeInterval);
        } catch (IOException | RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    /** The last session did not go well: the next one is with another broker, if there are several. */
    void moveOn() {
        connector.moveOn();
    }

    private static Channel watched(Connection connection, BrokerCommands outbox) throws IOException {
        Channel channel = connection.createChannel();
        channel.addShutdownListener(cause -> outbox.end(BrokerError.of(cause)));
        return channel;
    }

    private BrokerConsumer feed(Connection reading, BrokerCommands outbox) throws IOException {
        BrokerTopology topology = new BrokerTopology(reading, config);
        topology.ensureExchange();
        if (config.stream() == StreamUse.OFF) {
            return queueFeed(reading, outbox);
        }
        Optional<BrokerError> refusal = topology.ensureStream();
        if (refusal.isEmpty()) {
            report.streamUsed();
            return new StreamConsumer(
                    reading, config.streamName(), intake, appends, outbox, refresh, config.confirmTimeout());
        }
        if (config.stream() == StreamUse.REQUIRED) {
            throw new UnusableBrokerException(refusal.get());
        }
        report.streamRefused(refusal.get());
        return queueFeed(reading, outbox);
    }

    private BrokerConsumer queueFeed(Connection reading, BrokerCommands outbox) throws IOException {
        return QueueConsumer.declare(watched(reading, outbox), intake, outbox);
    }
}
