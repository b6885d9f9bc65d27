package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberFactory;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.transport.UnsignedManifests;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A notification server without a network: the test says what it does. */
final class FakeServer implements SubscriberFactory, AutoCloseable {

    static final SubscriberSettings SETTINGS =
            SubscriberSettings.of(NotificationServer.parse("http://notify.example.org:4930/api/v1"));

    final List<Subscriber> opened = new CopyOnWriteArrayList<>();
    private final ExecutorService callbacks = Executors.newSingleThreadExecutor();
    private volatile boolean up = true;
    private volatile boolean refusing;

    /** The answer about usual times. */
    volatile CompletableFuture<UsualTimes> usual = CompletableFuture.completedFuture(new UsualTimes(List.of()));

    @Override
    public CompletableFuture<UsualTimes> usualTimes(SubscriberSettings settings, RepositoryName repository) {
        return usual;
    }

    @Override
    public NotificationSubscriber subscriber(SubscriberSettings settings, SubscriptionListener listener) {
        if (refusing) {
            throw new InvalidInputException("no such protocol");
        }
        Subscriber subscriber = new Subscriber(listener);
        opened.add(subscriber);
        return subscriber;
    }

    /** Subscribers cannot even be made. */
    void refuse() {
        refusing = true;
    }

    /** The server cannot be reached from now on. */
    void goDown() {
        up = false;
        tell(subscriber -> subscriber.listener.disconnected(
                new TransientFailureException("connection refused"), Duration.ofSeconds(1)));
    }

    /** The server is back; everybody is subscribed again. */
    void comeUp() {
        up = true;
        tell(subscriber -> subscriber.subscribed.forEach(subscriber.listener::subscribed));
    }

    /** Announces the revision to everybody who is connected; returns when all have taken it. */
    void announce(long revision) {
        byte[] manifest = UnsignedManifests.bytes(
                FakeReplicas.REPOSITORY,
                new Revision(revision),
                ContentHash.of(HashAlgorithm.SHA1, new byte[] {(byte) revision}),
                FakeReplicas.PUBLISHED);
        ActivityMessage message = ActivityMessage.announce(manifest, FakeReplicas.PUBLISHED);
        tell(subscriber -> {
            if (up && subscriber.subscribed.contains(message.repository())) {
                subscriber.listener.activity(message);
            }
        });
    }

    private void tell(Consumer<Subscriber> news) {
        CompletableFuture.runAsync(
                        () -> opened.stream().filter(one -> !one.closed).forEach(news), callbacks)
                .join();
    }

    @Override
    public void close() {
        callbacks.shutdownNow();
    }

    /** One connection. */
    final class Subscriber implements NotificationSubscriber {

        final Set<RepositoryName> subscribed = ConcurrentHashMap.newKeySet();
        final SubscriptionListener listener;
        volatile boolean closed;

        Subscriber(SubscriptionListener listener) {
            this.listener = listener;
        }

        @Override
        public CompletableFuture<Void> subscribe(RepositoryName repository) {
            if (subscribed.add(repository)) {
                callbacks.execute(() -> {
                    if (up) {
                        listener.subscribed(repository);
                    } else {
                        listener.disconnected(
                                new TransientFailureException("connection refused"), Duration.ofSeconds(1));
                    }
                });
            }
            return new CompletableFuture<>();
        }

        @Override
        public void unsubscribe(RepositoryName repository) {
            subscribed.remove(repository);
        }

        @Override
        public NotificationSubscriber.Counts counts() {
            return new NotificationSubscriber.Counts(0, 0, 0, 0, 0);
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
