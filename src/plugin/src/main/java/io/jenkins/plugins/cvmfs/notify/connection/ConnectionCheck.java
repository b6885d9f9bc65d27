package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The button "Test connection" of the configuration form: connects to a server once and subscribes. */
public final class ConnectionCheck implements SubscriptionListener {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(15);
    /** Subscribed if no repository is configured, because a connection without a subscription tests nothing. */
    private static final RepositoryName NO_REPOSITORY = new RepositoryName("connection-test.invalid");

    private final Set<RepositoryName> pending = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<SubscriptionListener.Connection> result = new CompletableFuture<>();
    private volatile SubscriptionListener.@Nullable Connection connection;

    private ConnectionCheck(List<RepositoryName> repositories) {
        pending.addAll(repositories.isEmpty() ? List.of(NO_REPOSITORY) : repositories);
    }

    /**
     * Connects, subscribes and disconnects. Blocks for some seconds at most.
     *
     * @param repositories that builds wait for at this server
     * @return one sentence that says how Jenkins is connected
     * @throws NotifyException if it cannot connect, or the server refuses the subscription to one of the repositories
     */
    public static String run(ServerSettings server, List<RepositoryName> repositories) {
        ServerToken token = new ServerToken(server);
        token.refresh(null);
        Optional<SubscriberSettings> subscription = server.subscription(token);
        if (subscription.isEmpty()) {
            return "Nothing to connect: replicas are only polled";
        }
        try (Network network = JenkinsNetwork.open()) {
            return connect(network, subscription.get(), repositories);
        }
    }

    static String connect(Network network, SubscriberSettings settings, List<RepositoryName> repositories) {
        ConnectionCheck check = new ConnectionCheck(repositories);
        try (NotificationSubscriber subscriber = network.subscriber(settings, check)) {
            for (RepositoryName repository : Set.copyOf(check.pending)) {
                // The listener receives the result.
                var unused = subscriber.subscribe(repository);
            }
            SubscriptionListener.Connection connection = check.result.get(TIME_LIMIT.toSeconds(), TimeUnit.SECONDS);
            String how =
                    connection.protocol() == SubscriberSettings.Protocol.WEBSOCKET ? "WebSocket" : "server-sent events";
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

    @Override
    public void activity(ActivityMessage message) {
        // Only the subscriptions matter here.
    }

    @Override
    public void connected(SubscriptionListener.Connection made) {
        connection = made;
    }

    @Override
    public void subscribed(RepositoryName repository) {
        pending.remove(repository);
        if (pending.isEmpty()) {
            result.complete(connection);
        }
    }

    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        String hint = repository.equals(NO_REPOSITORY)
                ? " (a name made up for this test, since no configured repository uses this server)"
                : "";
        result.completeExceptionally(new RefusedException("connected, but " + cause.getMessage() + hint));
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        result.completeExceptionally(cause);
    }
}
