package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import java.io.IOException;
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

/**
 * The time between a connect and the next disconnect. Whatever goes wrong with a connection, a channel or a queue ends it; the
 * next session sets everything up anew. Orders come from any thread, the link's thread carries them out.
 *
 * <p>To bind a key takes the broker some milliseconds, and there may be thousands of them. So keys are bound a few at a time, and between
 * that everything else goes on: a publish waits for its own key only.
 */
final class BrokerSession implements AutoCloseable {

    private static final Duration TICK = Duration.ofSeconds(1);

    /** So there is time for another session before a publisher's is up. */
    private static final int PARTS_OF_PATIENCE = 3;

    /** Keys of publishes that are bound in one go, and keys that are taken away: publishes of other repositories wait meanwhile. */
    private static final int SHARE = 50;

    /** The same for keys that no publish waits for. */
    private static final int SMALL_SHARE = SHARE / 2;

    /** Keys that are bound once more after each probe, in case one is gone that this proxy believes it has bound. */
    private static final int BOUND_AGAIN = 100;

    private final BrokerConnections connections;
    private final BrokerConsumer feed;
    private final Bindings bindings;
    private final ConfirmingPublisher publisher;
    private final BrokerCommands outbox;
    private final UnconfirmedPublishes appends;
    private final FollowedRepositories following;
    private final PendingAcks follows;
    private final Duration patience;
    private final Duration probeInterval;

    /** The publishes that wait for the key of their repository. */
    private final Map<RepositoryName, List<UUID>> publishing = new LinkedHashMap<>();

    /** Repositories whose keys have come to be needed in this session, and who waits for them. */
    private final Map<RepositoryName, List<UUID>> awaited = new LinkedHashMap<>();

    /** Repositories that this session does not follow and should: those known when it began, or all when the exchange has lost its bindings. */
    private final Set<RepositoryName> backlog = new LinkedHashSet<>();

    private final Queue<RepositoryName> surplus = new ArrayDeque<>();
    private volatile int unbound;
    private long changesSeen;
    private boolean mayLackBindings;
    private int toBindAgain;
    private long probedNanos = System.nanoTime();

    /** @param probeInterval how often it looks whether its bindings are still there */
    BrokerSession(
            BrokerConnections connections,
            BrokerConsumer feed,
            Bindings bindings,
            ConfirmingPublisher publisher,
            BrokerCommands outbox,
            UnconfirmedPublishes appends,
            FollowedRepositories following,
            Duration timeLimit,
            Duration probeInterval) {
        this.connections = connections;
        this.feed = feed;
        this.bindings = bindings;
        this.publisher = publisher;
        this.outbox = outbox;
        this.appends = appends;
        this.following = following;
        this.follows = new PendingAcks(timeLimit);
        this.patience = timeLimit.dividedBy(PARTS_OF_PATIENCE);
        this.probeInterval = probeInterval;
        this.changesSeen = following.changes();
        bindAllAgain();
    }

    /**
     * Works until the session cannot go on. On the link's thread.
     *
     * @return why it cannot
     */
    BrokerError serve() throws IOException, InterruptedException {
        for (UnconfirmedPublish append : appends.all()) {
            publish(append.id());
        }
        while (outbox.end().isEmpty()) {
            for (BrokerCommand order : outbox.take(isBusy() ? Duration.ZERO : TICK)) {
                carryOut(order);
            }
            noticeChanges();
            bindSome();
            unbindSome();
            bindSomeAgain();
            probe();
            feed.check();
            endIfNothingComesBack();
        }
        return outbox.end().orElseThrow();
    }

    private boolean isBusy() {
        return !(publishing.isEmpty() && awaited.isEmpty() && backlog.isEmpty() && surplus.isEmpty());
    }

    /** What the broker has confirmed comes back at once, or reading has come to a standstill, which the broker does not say. */
    private void endIfNothingComesBack() {
        if (feed.isCaughtUp() && feed.silence().compareTo(patience) > 0 && appends.areUnreadFor(patience)) {
            outbox.end(new BrokerError(BrokerError.Kind.OTHER, "it confirms messages and delivers none"));
        }
    }

    private void carryOut(BrokerCommand order) throws IOException {
        if (order instanceof BrokerCommand.Append append) {
            publish(append.id());
        } else if (order instanceof BrokerCommand.Follow follow) {
            awaited.computeIfAbsent(follow.repository(), name -> new ArrayList<>())
                    .add(follow.id());
        } else if (order instanceof BrokerCommand.Reroute reroute) {
            reroute(reroute.id());
        } else if (order instanceof BrokerCommand.Rebind) {
            bindAgain(outbox.takeRebinds());
        } else if (order instanceof BrokerCommand.RebindAll) {
            bindings.addKeys(feed.keys());
            bindings.addKeys(List.of(feed.probeKey()));
            bindAllAgain();
        } else if (order instanceof BrokerCommand.Send send) {
            for (BrokerCommand.Parcel parcel : send.parcels()) {
                publisher.send(parcel);
            }
        }
    }

    /** Publishes it now if its key is bound, else as soon as it is. So the publishes of one repository stay in their order. */
    private void publish(UUID id) throws IOException {
        Optional<UnconfirmedPublish> append = appends.get(id);
        if (append.isPresent()) {
            RepositoryName repository = append.get().message().repository();
            if (bindings.has(repository)) {
                publisher.publish(append.get());
            } else {
                publishing
                        .computeIfAbsent(repository, name -> new ArrayList<>())
                        .add(id);
            }
        }
    }

    /** No queue has taken it: a binding is gone, and perhaps all of them. */
    private void reroute(UUID id) throws IOException {
        Optional<UnconfirmedPublish> append = appends.get(id);
        if (append.isPresent() && append.get().mayBeSentAgain()) {
            bindings.forget(append.get().message().repository()::equals);
            publish(id);
            mayLackBindings = true;
        } else {
            appends.fail(id, new LogUnavailableException("the broker has no queue that takes the message", null));
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
            feed.added(added, publisher);
        }
        for (RepositoryName repository : some) {
            settle(repository);
        }
        unbound = backlog.size();
    }

    /** Its key is bound, or nobody needs it any more. */
    private void settle(RepositoryName repository) throws IOException {
        backlog.remove(repository);
        List<UUID> waiting = awaited.remove(repository);
        if (waiting != null) {
            waiting.forEach(follows::succeed);
        }
        List<UUID> ids = publishing.remove(repository);
        if (ids != null) {
            for (UUID id : ids) {
                publish(id);
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
            feed.removed(removed, publisher);
        }
    }

    /** When nothing else waits to be bound. */
    private void bindSomeAgain() throws IOException {
        if (toBindAgain > 0 && !isBusy()) {
            bindings.bindNextAgain(SMALL_SHARE);
            toBindAgain -= SMALL_SHARE;
        }
    }

    /** Someone may have deleted the exchange and made it again, which the broker tells nobody. */
    private void probe() throws IOException {
        boolean isDue = System.nanoTime() - probedNanos > probeInterval.toNanos();
        if (isDue) {
            following.forgetUnawaited();
            findSurplus();
            toBindAgain = BOUND_AGAIN;
        }
        if (isDue || mayLackBindings) {
            mayLackBindings = false;
            probedNanos = System.nanoTime();
            publisher.probe(feed.probeKey());
        }
    }

    /** Takes away what would stay at the broker. On the link's thread, after {@link #serve}, if there will be no other session. */
    void leave() throws IOException {
        bindings.removeKey(feed.probeKey());
    }

    /** How many repositories are to be followed and are not yet. From any thread. */
    int unbound() {
        return unbound;
    }

    /** Gives an order; false if too many wait. From any thread. */
    boolean order(BrokerCommand order) {
        return outbox.offer(order);
    }

    /** Sees to it that a repository's key is bound. From any thread. */
    CompletableFuture<Void> follow(RepositoryName repository) {
        if (bindings.has(repository)) {
            return CompletableFuture.completedFuture(null);
        }
        UUID id = UUID.randomUUID();
        CompletableFuture<Void> bound = follows.add(id);
        if (!outbox.offer(new BrokerCommand.Follow(repository, id))) {
            follows.fail(id, new LogUnavailableException("too many orders wait for the broker", null));
        }
        return bound;
    }

    /** Why nothing can be published at the moment; empty if it can. From any thread. */
    Optional<String> blockedBecause() {
        return connections.blockedBecause();
    }

    /** What is read. */
    BrokerConsumer feed() {
        return feed;
    }

    /** Ends {@link #serve} soon. From any thread. */
    void end(BrokerError trouble) {
        outbox.end(trouble);
    }

    @Override
    public void close() {
        connections.close();
        follows.close();
    }
}
