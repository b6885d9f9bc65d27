package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerError.UnusableBrokerException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time between a connect and the next disconnect. Whatever goes wrong with a connection, a channel or a queue ends it; the
 * next session sets everything up again. Commands come from any thread, the broker thread executes them.
 *
 * <p>To bind a key takes the broker some milliseconds, and there may be thousands of them. So keys are bound a few at a time, and between
 * that everything else continues: a publish waits for its own key only.
 */
final class BrokerSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);

    private static final Duration TICK = Duration.ofSeconds(1);

    /** So there is time for another session before a publisher times out. */
    private static final int PARTS_OF_PATIENCE = 3;

    /** Keys of publishes that are bound in one go, and keys that are unbound: publishes of other repositories wait meanwhile. */
    private static final int SHARE = 50;

    /** The same for keys that no publish waits for. */
    private static final int SMALL_SHARE = SHARE / 2;

    /** Keys that are bound again after each probe, in case one is gone that this proxy believes is bound. */
    private static final int BOUND_AGAIN = 100;

    private final BrokerConnections connections;
    private final BrokerConsumer consumer;
    private final Bindings bindings;
    private final ConfirmingPublisher publisher;
    private final BrokerCommands commands;
    private final OpenPublishes publishes;
    private final FollowedRepositories following;
    private final PendingAcks follows;
    private final Duration patience;
    private final Duration probeInterval;
    private final PeerProbes peerProbes;

    /** The publishes that wait for the key of their repository. */
    private final Map<RepositoryName, List<OpenPublish>> publishing = new LinkedHashMap<>();
    /** Repositories whose keys have come to be needed in this session, and the futures that wait for them. */
    private final Map<RepositoryName, List<UUID>> awaited = new LinkedHashMap<>();
    /** Repositories that this session does not follow and should: those known when it began, or all when the exchange has lost its bindings. */
    private final Set<RepositoryName> backlog = new LinkedHashSet<>();

    private final Queue<RepositoryName> surplus = new ArrayDeque<>();
    private volatile int unbound;
    private long changesSeen;
    private boolean mayLackBindings;
    private int toBindAgain;
    private long probedNanos = System.nanoTime();

    /**
     * Starts to read; blocks.
     *
     * @param following the repositories whose keys are to be bound
     */
    BrokerSession(
            Opener opener,
            BrokerConnections connections,
            BrokerConsumer consumer,
            BrokerCommands commands,
            FollowedRepositories following)
            throws IOException {
        AmqpConfig config = opener.config;
        this.connections = connections;
        this.consumer = consumer;
        this.commands = commands;
        this.publishes = opener.publishes;
        this.following = following;
        this.follows = new PendingAcks(config.confirmTimeout());
        this.patience = config.confirmTimeout().dividedBy(PARTS_OF_PATIENCE);
        this.probeInterval = opener.probeInterval;
        this.peerProbes = opener.peerProbes;
        this.bindings = new Bindings(watched(connections.reading(), commands), config.exchange(), consumer.queue());
        bindOwnKeys();
        this.publisher = new ConfirmingPublisher(
                watched(connections.publishing(), commands),
                config.exchange(),
                publishes,
                opener.messages.recorder(),
                consumer::epoch,
                commands::offer);
        consumer.begin(publisher);
        this.changesSeen = following.changes();
        bindAllAgain();
    }

    /** Opens a channel whose end ends the session. */
    private static Channel watched(Connection connection, BrokerCommands commands) throws IOException {
        Channel channel = connection.createChannel();
        channel.addShutdownListener(cause -> commands.end(BrokerError.of(cause)));
        return channel;
    }

    /**
     * Works until the session has to end. On the broker thread.
     *
     * @return why it ends
     */
    BrokerError serve() throws IOException, InterruptedException {
        for (OpenPublish publish : publishes.all()) {
            publish(publish);
        }
        while (commands.end().isEmpty()) {
            for (Command command : commands.take(isBusy() ? Duration.ZERO : TICK)) {
                execute(command);
            }
            noticeChanges();
            bindSome();
            unbindSome();
            bindSomeAgain();
            probe();
            consumer.check();
            endIfNothingComesBack();
        }
        return commands.end().orElseThrow();
    }

    private boolean isBusy() {
        return !(publishing.isEmpty() && awaited.isEmpty() && backlog.isEmpty() && surplus.isEmpty());
    }

    /** Confirmed messages are delivered at once, or reading has stalled, which the broker does not report. */
    private void endIfNothingComesBack() {
        if (consumer.isCaughtUp() && consumer.silence().compareTo(patience) > 0 && publishes.areUnreadFor(patience)) {
            commands.end(new BrokerError(BrokerError.Kind.OTHER, "it confirms messages and delivers none"));
        }
    }

    private void execute(Command command) throws IOException {
        if (command instanceof Command.Append append) {
            publish(append.publish());
        } else if (command instanceof Command.Follow follow) {
            awaited.computeIfAbsent(follow.repository(), name -> new ArrayList<>())
                    .add(follow.id());
        } else if (command instanceof Command.Reroute reroute) {
            reroute(reroute.publish());
        } else if (command instanceof Command.Rebind) {
            bindAgain(commands.takeRebinds());
        } else if (command instanceof Command.RebindAll) {
            bindOwnKeys();
            bindAllAgain();
        } else if (command instanceof Command.Send send) {
            for (OutgoingMessage message : send.outgoing()) {
                publisher.send(message);
            }
        }
    }

    private void bindOwnKeys() throws IOException {
        bindings.addKeys(consumer.keys());
        bindings.addKeys(List.of(consumer.probeKey()));
    }

    /** Publishes it now if its key is bound, else as soon as it is. So the publishes of one repository stay in their order. */
    private void publish(OpenPublish publish) throws IOException {
        RepositoryName repository = publish.message().repository();
        if (publish.isDone()) {
            return;
        }
        if (bindings.has(repository)) {
            publisher.publish(publish);
        } else {
            publishing.computeIfAbsent(repository, name -> new ArrayList<>()).add(publish);
        }
    }

    /** No queue has taken it: a binding is gone, and perhaps all of them. */
    private void reroute(OpenPublish publish) throws IOException {
        if (publish.maySendAgain()) {
            // Its key is bound again also if it has timed out meanwhile.
            bindAgain(Set.of(publish.message().repository()));
            publish(publish);
            mayLackBindings = true;
        } else {
            publishes.failUnroutable(publish.id());
        }
    }

    private void bindAllAgain() {
        bindings.forget(repository -> true);
        surplus.clear();
        backlog.addAll(following.all());
        unbound = backlog.size();
    }

    private void bindAgain(Set<RepositoryName> repositories) {
        repositories.stream()
                .filter(repository -> bindings.has(repository) && following.needs(repository))
                .forEach(repository -> awaited.putIfAbsent(repository, new ArrayList<>()));
        bindings.forget(repositories::contains);
    }

    private void noticeChanges() {
        long changes = following.changes();
        if (changes != changesSeen) {
            changesSeen = changes;
            following.all().stream()
                    .filter(repository -> !bindings.has(repository) && !backlog.contains(repository))
                    .forEach(repository -> awaited.putIfAbsent(repository, new ArrayList<>()));
            findSurplus();
        }
    }

    private void bindSome() throws IOException {
        List<RepositoryName> some = Stream.of(
                        publishing.keySet().stream().limit(SHARE),
                        awaited.keySet().stream().limit(SMALL_SHARE),
                        backlog.stream().limit(SMALL_SHARE))
                .flatMap(names -> names)
                .distinct()
                .toList();
        List<RepositoryName> added = bindings.add(some.stream()
                .filter(repository -> publishing.containsKey(repository) || following.needs(repository))
                .toList());
        if (!added.isEmpty()) {
            consumer.added(added, publisher);
        }
        for (RepositoryName repository : some) {
            bound(repository);
        }
        unbound = backlog.size();
    }

    /** Its key is bound, or no longer needed. */
    private void bound(RepositoryName repository) throws IOException {
        backlog.remove(repository);
        List<UUID> waiting = awaited.remove(repository);
        if (waiting != null) {
            waiting.forEach(follows::succeed);
        }
        List<OpenPublish> ready = publishing.remove(repository);
        if (ready != null) {
            for (OpenPublish publish : ready) {
                publish(publish);
            }
        }
    }

    private void findSurplus() {
        surplus.clear();
        surplus.addAll(bindings.except(following::needs));
    }

    private void unbindSome() throws IOException {
        List<RepositoryName> removed = new ArrayList<>();
        for (int i = 0; i < SHARE && !surplus.isEmpty(); i++) {
            RepositoryName repository = surplus.remove();
            if (bindings.has(repository) && bindings.remove(repository, following::needs)) {
                removed.add(repository);
            }
        }
        if (!removed.isEmpty()) {
            consumer.removed(removed, publisher);
        }
    }

    /** When nothing else waits to be bound. */
    private void bindSomeAgain() throws IOException {
        if (toBindAgain > 0 && !isBusy()) {
            bindings.bindNextAgain(SMALL_SHARE);
            toBindAgain -= SMALL_SHARE;
        }
    }

    /** The exchange may have been deleted and declared again, which the broker does not report. */
    private void probe() throws IOException {
        boolean isDue = System.nanoTime() - probedNanos > probeInterval.toNanos();
        if (isDue) {
            following.forgetUnawaited();
            findSurplus();
            toBindAgain = BOUND_AGAIN;
            for (String key : peerProbes.takeSilent(SHARE)) {
                bindings.removeKey(key);
            }
        }
        if (isDue || mayLackBindings) {
            mayLackBindings = false;
            probedNanos = System.nanoTime();
            publisher.probe(consumer.probeKey());
        }
    }

    /** Removes what would stay at the broker. On the broker thread, after {@link #serve}, if there will be no other session. */
    void leave() throws IOException {
        bindings.removeKey(consumer.probeKey());
    }

    /** Returns the number of repositories that are to be followed and are not yet. From any thread. */
    int unbound() {
        return unbound;
    }

    /** Queues a command; returns false if too many wait. From any thread. */
    boolean queue(Command command) {
        return commands.offer(command);
    }

    /** Binds a repository's key; the future completes when it is bound. From any thread. */
    CompletableFuture<Void> follow(RepositoryName repository) {
        if (bindings.has(repository)) {
            return CompletableFuture.completedFuture(null);
        }
        UUID id = UUID.randomUUID();
        CompletableFuture<Void> bound = follows.await(id);
        if (!commands.offer(new Command.Follow(repository, id))) {
            follows.fail(id, new LogUnavailableException(BrokerCommands.FULL, null));
        }
        return bound;
    }

    /** Why nothing can be published at the moment; empty if it can. From any thread. */
    Optional<String> blockedBecause() {
        return connections.blockedBecause();
    }

    BrokerConsumer consumer() {
        return consumer;
    }

    /** Ends {@link #serve} soon. From any thread. */
    void end(BrokerError error) {
        commands.end(error);
    }

    @Override
    public void close() {
        connections.close();
        follows.close();
    }

    /** Connects and sets up all that one session needs: exchange, queue or stream, bindings. Blocks; on the broker thread. */
    static final class Opener {

        /** Commands that may wait in one session; publishes are limited separately. */
        private static final int CAPACITY = 50_000;

        private final AmqpConfig config;
        private final BrokerConnections.Connector connector;
        private final MessageReader messages;
        private final OpenPublishes publishes;
        private final Duration probeInterval;
        private final StreamRefresh refresh;
        private final PeerProbes peerProbes;
        private Optional<String> streamRefusal = Optional.empty();

        /** @param probeInterval how often a session checks whether its bindings still exist */
        Opener(AmqpConfig config, MessageReader messages, OpenPublishes publishes, Duration probeInterval) {
            this.config = config;
            this.connector = new BrokerConnections.Connector(config);
            this.messages = messages;
            this.publishes = publishes;
            this.probeInterval = probeInterval;
            this.refresh = new StreamRefresh(messages.recorder().lastValues(), config.streamMaxBytes());
            this.peerProbes = new PeerProbes(probeInterval, System::nanoTime);
        }

        /** Names the brokers, for an operator. */
        String broker() {
            return connector.describe();
        }

        /** Makes the next session use the next broker, if there are several. */
        void moveOn() {
            connector.moveOn();
        }

        /**
         * Opens a session that reads already.
         *
         * @param following repositories whose keys the session is to bind
         * @throws UnusableBrokerException if this user lacks the rights for what the configuration requires
         */
        BrokerSession open(FollowedRepositories following) throws IOException, GeneralSecurityException {
            BrokerCommands commands = new BrokerCommands(CAPACITY);
            BrokerConnections connections = BrokerConnections.open(connector, commands::end);
            try {
                BrokerConsumer consumer = consumer(connections.reading(), commands);
                return new BrokerSession(this, connections, consumer, commands, following);
            } catch (IOException | RuntimeException e) {
                connections.close();
                throw e;
            }
        }

        private BrokerConsumer consumer(Connection reading, BrokerCommands commands) throws IOException {
            BrokerTopology topology = new BrokerTopology(reading, config);
            topology.ensureExchange();
            if (config.stream() != StreamUse.OFF) {
                Optional<BrokerError> refusal = topology.ensureStream();
                requireOrLog(refusal);
                if (refusal.isEmpty()) {
                    return new StreamConsumer(
                            reading,
                            config.streamName(),
                            messages,
                            publishes,
                            commands,
                            refresh,
                            peerProbes,
                            config.confirmTimeout());
                }
            }
            return QueueConsumer.declare(watched(reading, commands), messages, commands);
        }

        /** Fails if a stream is required; logs a change: one line, not one for each attempt. */
        private void requireOrLog(Optional<BrokerError> refusal) throws UnusableBrokerException {
            if (refusal.isPresent() && config.stream() == StreamUse.REQUIRED) {
                throw new UnusableBrokerException(refusal.get());
            }
            Optional<String> sentence = refusal.map(BrokerError::sentence);
            if (!sentence.equals(streamRefusal)) {
                refusal.ifPresentOrElse(
                        why -> LOG.atWarn()
                                .addKeyValue("broker", broker())
                                .addKeyValue("reason", why)
                                .log("no stream: last values are kept by the proxies themselves, in their journals"),
                        () -> LOG.atInfo().addKeyValue("broker", broker()).log("the stream can be used from now on"));
            }
            streamRefusal = sentence;
        }
    }
}
