package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.PendingConfirms;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The time between a connect and the next disconnect. Whatever goes wrong with a connection, a channel or a queue ends it; the
 * next session sets everything up anew. Orders come from any thread, the link's thread carries them out.
 */
final class Session implements AutoCloseable {

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration RENEWAL = Duration.ofMinutes(1);

    /** So there is time for another session before a publisher's is up. */
    private static final int PARTS_OF_PATIENCE = 3;

    /** Keys taken away in one go: each costs the time of an answer, for which publishes wait. */
    private static final int SHARE = 50;

    private final BrokerConnections connections;
    private final Feed feed;
    private final Bindings bindings;
    private final Publisher publisher;
    private final Outbox outbox;
    private final OpenAppends appends;
    private final Following following;
    private final PendingConfirms follows;
    private final Duration patience;
    private final Queue<RepositoryName> surplus = new ArrayDeque<>();
    private long changesSeen = -1;
    private long renewedNanos = System.nanoTime();

    Session(
            BrokerConnections connections,
            Feed feed,
            Bindings bindings,
            Publisher publisher,
            Outbox outbox,
            OpenAppends appends,
            Following following,
            Duration timeLimit) {
        this.connections = connections;
        this.feed = feed;
        this.bindings = bindings;
        this.publisher = publisher;
        this.outbox = outbox;
        this.appends = appends;
        this.following = following;
        this.follows = new PendingConfirms(timeLimit);
        this.patience = timeLimit.dividedBy(PARTS_OF_PATIENCE);
    }

    /**
     * Works until the session cannot go on. On the link's thread.
     *
     * @return why it cannot
     */
    Trouble serve() throws IOException, InterruptedException {
        publishAll(appends.all());
        while (outbox.end().isEmpty()) {
            carryOut(outbox.take(surplus.isEmpty() ? TICK : Duration.ZERO));
            keepUp();
            renew();
            feed.check();
            endIfNothingComesBack();
        }
        return outbox.end().orElseThrow();
    }

    /** What the broker has confirmed comes back at once, or reading has come to a standstill, which the broker does not say. */
    private void endIfNothingComesBack() {
        if (feed.isCaughtUp() && feed.silence().compareTo(patience) > 0 && appends.areUnreadFor(patience)) {
            outbox.end(new Trouble(Trouble.Kind.OTHER, "it confirms messages and delivers none"));
        }
    }

    private void publishAll(List<OpenAppend> open) throws IOException {
        follow(open.stream().map(append -> append.message().repository()).toList());
        for (OpenAppend append : open) {
            publisher.publish(append);
        }
    }

    private void carryOut(List<Order> orders) throws IOException {
        follow(orders.stream().flatMap(this::repository).toList());
        for (Order order : orders) {
            carryOut(order);
        }
    }

    private Stream<RepositoryName> repository(Order order) {
        if (order instanceof Order.Follow follow) {
            return Stream.of(follow.repository()).filter(following::needs);
        }
        return order instanceof Order.Append append
                ? appends.get(append.id()).map(open -> open.message().repository()).stream()
                : Stream.empty();
    }

    private void carryOut(Order order) throws IOException {
        if (order instanceof Order.Append append) {
            publish(append.id());
        } else if (order instanceof Order.Follow follow) {
            follows.succeed(follow.id());
        } else if (order instanceof Order.Reroute reroute) {
            reroute(reroute.id());
        } else if (order instanceof Order.Rebind rebind) {
            bindings.renew(rebind.keys());
        } else if (order instanceof Order.Send send) {
            for (Order.Parcel parcel : send.parcels()) {
                publisher.send(parcel);
            }
        }
    }

    private void publish(UUID id) throws IOException {
        Optional<OpenAppend> append = appends.get(id);
        if (append.isPresent()) {
            publisher.publish(append.get());
        }
    }

    private void reroute(UUID id) throws IOException {
        Optional<OpenAppend> append = appends.get(id);
        if (append.isPresent() && append.get().mayBeSentAgain()) {
            bindings.addKeys(List.of(RoutingKeys.of(append.get().message().repository())));
            publisher.publish(append.get());
        } else {
            appends.fail(id, new LogUnavailableException("the broker has no queue that takes the message", null));
        }
    }

    private void follow(Collection<RepositoryName> repositories) throws IOException {
        List<RepositoryName> added = bindings.add(new ArrayList<>(repositories));
        if (!added.isEmpty()) {
            feed.added(added, publisher);
        }
    }

    /** Binds what has been added, and takes away a part of what is no longer needed. */
    private void keepUp() throws IOException {
        long changes = following.changes();
        if (changes != changesSeen) {
            changesSeen = changes;
            follow(following.all());
            findSurplus();
        }
        unbind(Math.max(SHARE, surplus.size() / 10));
    }

    private void findSurplus() {
        surplus.clear();
        surplus.addAll(bindings.except(following::needs));
    }

    private void unbind(int most) throws IOException {
        List<RepositoryName> removed = new ArrayList<>();
        for (int i = 0; i < most && !surplus.isEmpty(); i++) {
            RepositoryName repository = surplus.remove();
            if (bindings.remove(repository, following::needs)) {
                removed.add(repository);
            }
        }
        if (!removed.isEmpty()) {
            feed.removed(removed, publisher);
        }
    }

    private void renew() throws IOException {
        if (System.nanoTime() - renewedNanos > RENEWAL.toNanos()) {
            following.forgetUnawaited();
            findSurplus();
            bindings.renew();
            renewedNanos = System.nanoTime();
        }
    }

    /** Gives an order; false if too many wait. From any thread. */
    boolean order(Order order) {
        return outbox.offer(order);
    }

    /** Sees to it that a repository's key is bound. From any thread. */
    CompletableFuture<Void> follow(RepositoryName repository) {
        if (bindings.has(repository)) {
            return CompletableFuture.completedFuture(null);
        }
        UUID id = UUID.randomUUID();
        CompletableFuture<Void> bound = follows.add(id);
        if (!outbox.offer(new Order.Follow(repository, id))) {
            follows.fail(id, new LogUnavailableException("too many orders wait for the broker", null));
        }
        return bound;
    }

    /** Why nothing can be published at the moment; empty if it can. From any thread. */
    Optional<String> blockedBecause() {
        return connections.blockedBecause();
    }

    /** What is read. */
    Feed feed() {
        return feed;
    }

    /** Ends {@link #serve} soon. From any thread. */
    void end(Trouble trouble) {
        outbox.end(trouble);
    }

    @Override
    public void close() {
        connections.close();
        follows.close();
    }
}
