package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.ServerConnection;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscribeProtocol;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Tries a server once, for the button of the configuration form. */
public final class ConnectionTrial {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(15);
    /** Subscribed in order to connect at all where no repository is known; none has that name. */
    private static final RepositoryName NOBODY = new RepositoryName("connection-test.invalid");

    private ConnectionTrial() {}

    /**
     * Connects and subscribes, says how, and hangs up. Blocks, some seconds at most.
     *
     * @param repositories that builds wait for at this server
     * @return one sentence
     * @throws NotifyException if it cannot connect, or the server refuses the subscription to one of the repositories
     */
    public static String run(ServerSettings server, List<RepositoryName> repositories) {
        ServerToken token = new ServerToken(server);
        token.refresh(null);
        Optional<SubscriberSettings> subscription = Lines.subscription(server, token);
        if (subscription.isEmpty()) {
            return "Nothing to connect: replicas are only polled";
        }
        try (Network network = Lines.network(Connections.httpClient())) {
            return connect(network, subscription.get(), repositories);
        }
    }

    static String connect(Network network, SubscriberSettings settings, List<RepositoryName> repositories) {
        News news = new News(repositories.isEmpty() ? List.of(NOBODY) : repositories);
        try (NotificationSubscriber subscriber = network.subscriber(settings, news)) {
            for (RepositoryName repository : Set.copyOf(news.open)) {
                // The listener is told what comes of it.
                var unused = subscriber.subscribe(repository);
            }
            ServerConnection connection = news.end.get(TIME_LIMIT.toSeconds(), TimeUnit.SECONDS);
            String how = connection.protocol() == SubscribeProtocol.WEBSOCKET ? "WebSocket" : "server-sent events";
            return "Connected to %s by %s".formatted(connection.url(), how);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NotifyException known
                    ? known
                    : new TransientFailureException(e.toString(), e);
        } catch (TimeoutException e) {
            throw new TransientFailureException(
                    "%s: no answer within %d s".formatted(settings.server(), TIME_LIMIT.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("the test was interrupted", e);
        }
    }

    /** What comes of it: all subscriptions stand, or something is in the way. */
    private static final class News implements SubscriptionListener {

        private final Set<RepositoryName> open = ConcurrentHashMap.newKeySet();
        private final CompletableFuture<ServerConnection> end = new CompletableFuture<>();
        private volatile @Nullable ServerConnection connection;

        News(Collection<RepositoryName> repositories) {
            open.addAll(repositories);
        }

        @Override
        public void activity(ActivityMessage message) {
            // Only the subscriptions matter here.
        }

        @Override
        public void connected(ServerConnection made) {
            connection = made;
        }

        @Override
        public void subscribed(RepositoryName repository) {
            open.remove(repository);
            if (open.isEmpty()) {
                end.complete(connection);
            }
        }

        @Override
        public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
            String hint = repository.equals(NOBODY)
                    ? " (a name made up for this test, since no configured repository uses this server)"
                    : "";
            end.completeExceptionally(new RefusedException("connected, but " + cause.getMessage() + hint));
        }

        @Override
        public void disconnected(NotifyException cause, Duration retryIn) {
            end.completeExceptionally(cause);
        }
    }
}
