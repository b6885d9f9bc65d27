package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.ServerConnection;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscribeProtocol;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Tries a server once, for the button of the configuration form. */
public final class ConnectionTrial {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(15);
    /** Subscribed in order to connect at all; no repository has that name. */
    private static final RepositoryName NOBODY = new RepositoryName("connection-test.invalid");

    private ConnectionTrial() {}

    /**
     * Connects, says how, and hangs up. Blocks, some seconds at most.
     *
     * @return one sentence
     * @throws NotifyException if it cannot connect
     */
    public static String run(ServerSettings server) {
        ServerToken token = new ServerToken(server);
        token.refresh(null);
        Optional<SubscriberSettings> subscription = Lines.subscription(server, token);
        if (subscription.isEmpty()) {
            return "Nothing to connect: replicas are only polled";
        }
        try (Network network = Lines.network(Connections.httpClient())) {
            return connect(network, subscription.get());
        }
    }

    static String connect(Network network, SubscriberSettings settings) {
        FirstNews news = new FirstNews();
        try (NotificationSubscriber subscriber = network.subscriber(settings, news)) {
            // Whether it was told of the repository does not matter, only whether it connects.
            var unused = subscriber.subscribe(NOBODY);
            ServerConnection connection = news.first.get(TIME_LIMIT.toSeconds(), TimeUnit.SECONDS);
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

    /** The first that happens: a connection, or none. */
    private static final class FirstNews implements SubscriptionListener {

        private final CompletableFuture<ServerConnection> first = new CompletableFuture<>();

        @Override
        public void activity(ActivityMessage message) {
            // Only the connection matters here.
        }

        @Override
        public void connected(ServerConnection connection) {
            first.complete(connection);
        }

        @Override
        public void disconnected(NotifyException cause, Duration retryIn) {
            first.completeExceptionally(cause);
        }
    }
}
