package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.CallerRights;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The button "Test connection" of the configuration form: asks a server what the token may do, connects to it once and subscribes.
 */
public final class ConnectionCheck implements SubscriptionListener {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(15);
    private static final int MAX_NAMED = 5;

    /** Subscribed if no repository is known, because a connection without a subscription tests nothing. */
    private static final String MADE_UP = "connection-test";

    private static final RepositoryName NO_REPOSITORY = new RepositoryName(MADE_UP + ".invalid");

    private final Set<RepositoryName> pending = ConcurrentHashMap.newKeySet();
    private final Map<String, String> refusals = new ConcurrentSkipListMap<>();
    private final CompletableFuture<SubscriptionListener.Connection> result = new CompletableFuture<>();
    private volatile SubscriptionListener.@Nullable Connection connection;

    private ConnectionCheck(Collection<RepositoryName> repositories) {
        pending.addAll(repositories);
    }

    /**
     * Asks for the rights, connects, subscribes and disconnects. Blocks for half a minute at most.
     *
     * @param repositories that builds announce or wait for at this server; of more than a hundred, the first
     * @return how Jenkins is connected, and what it may do there
     * @throws NotifyException if it cannot connect, the token is not valid, or the server refuses the subscription to one of the
     *     repositories
     */
    public static String run(ServerSettings server, List<RepositoryName> repositories) {
        ServerToken token = new ServerToken(server);
        token.refresh(null);
        try (Network network = JenkinsNetwork.open()) {
            return run(network, server, token, repositories);
        }
    }

    static String run(Network network, ServerSettings server, TokenSource token, List<RepositoryName> repositories) {
        List<RepositoryName> named =
                repositories.stream().limit(CallerRights.MOST).toList();
        Optional<CallerRights> rights = rights(network, server.server(), token, named);
        String allowed = rights.map(ConnectionCheck::text).orElse("");
        Optional<SubscriberSettings> subscription = server.subscription(token);
        if (subscription.isEmpty()) {
            return "Nothing to connect: replicas are only polled" + allowed;
        }
        List<RepositoryName> subscribed = named.isEmpty() ? List.of(madeUp(rights)) : named;
        return connect(network, subscription.get(), subscribed, allowed) + allowed;
    }

    /** Returns nothing if the server does not answer that: then the subscription shows why, or works. */
    private static Optional<CallerRights> rights(
            Network network, NotificationServer server, TokenSource token, List<RepositoryName> repositories) {
        try {
            return await(network.rights(server, token, repositories), server);
        } catch (RefusedException | InvalidInputException e) {
            throw e;
        } catch (NotifyException e) {
            return Optional.empty();
        }
    }

    /** A name that the credentials may subscribe to, if they may subscribe to anything. */
    private static RepositoryName madeUp(Optional<CallerRights> rights) {
        for (String pattern : rights.map(CallerRights::subscribe).orElse(List.of())) {
            try {
                return new RepositoryName(pattern.replace("*", MADE_UP));
            } catch (InvalidInputException e) {
                // Too long: another may do.
            }
        }
        return NO_REPOSITORY;
    }

    private static String connect(
            Network network, SubscriberSettings settings, Collection<RepositoryName> repositories, String allowed) {
        ConnectionCheck check = new ConnectionCheck(repositories);
        try (NotificationSubscriber subscriber = network.subscriber(settings, check)) {
            for (RepositoryName repository : repositories) {
                // The listener receives the result.
                var unused = subscriber.subscribe(repository);
            }
            SubscriptionListener.Connection connection = await(check.result, settings.server());
            if (!check.refusals.isEmpty()) {
                throw new RefusedException("connected, but " + limited(check.refusals.values(), "; ") + allowed);
            }
            String how =
                    connection.protocol() == SubscriberSettings.Protocol.WEBSOCKET ? "WebSocket" : "server-sent events";
            return "Connected to %s by %s".formatted(connection.url(), how);
        }
    }

    private static <T> T await(CompletableFuture<T> answer, NotificationServer server) {
        return JenkinsNetwork.await(
                answer, TIME_LIMIT, "%s: no answer within %d s".formatted(server, TIME_LIMIT.toSeconds()));
    }

    /** Says what is granted, and which of the repositories that builds name cannot be announced just so. */
    private static String text(CallerRights rights) {
        return Stream.of(
                        Optional.of("%s may announce %s, and subscribe to %s"
                                .formatted(
                                        rights.hasCredentials() ? "The token" : "Jenkins",
                                        patterns(rights.publish()),
                                        patterns(rights.subscribe()))),
                        announced(rights, "verified", "With a valid signature it may announce %s"),
                        announced(rights, "upstream", "The server's upstream decides on announcements of %s"),
                        announced(rights, "no", "It may not announce %s"))
                .flatMap(Optional::stream)
                .map(sentence -> ". " + sentence)
                .collect(Collectors.joining());
    }

    private static Optional<String> announced(CallerRights rights, String word, String sentence) {
        List<String> names = rights.repositories().entrySet().stream()
                .filter(each -> each.getValue().publish().equals(word))
                .map(each -> each.getKey().value())
                .toList();
        return names.isEmpty() ? Optional.empty() : Optional.of(sentence.formatted(limited(names, ", ")));
    }

    private static String patterns(List<String> patterns) {
        if (patterns.contains("*")) {
            return "every repository";
        }
        return patterns.isEmpty()
                ? "nothing"
                : limited(patterns.stream().map(Excerpt::of).toList(), ", ");
    }

    private static String limited(Collection<String> texts, String between) {
        List<String> shown = new ArrayList<>(texts.stream().limit(MAX_NAMED).toList());
        int more = texts.size() - shown.size();
        if (more > 0) {
            shown.add("and %d more".formatted(more));
        }
        return String.join(between, shown);
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
        answered(repository);
    }

    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        String hint = repository.value().startsWith(MADE_UP)
                ? " (a name made up for this test, since no configured repository uses this server)"
                : "";
        refusals.put(repository.value(), cause.getMessage() + hint);
        answered(repository);
    }

    private void answered(RepositoryName repository) {
        pending.remove(repository);
        if (pending.isEmpty()) {
            result.complete(connection);
        }
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        result.completeExceptionally(cause);
    }
}
