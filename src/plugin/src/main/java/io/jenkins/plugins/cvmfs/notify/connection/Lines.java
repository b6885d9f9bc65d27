package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Waiting;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitingCounts;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitingRoom;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitingSettings;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** The network as it is through one HTTP client, and the waiting room of all builds that use it. Thread-safe. */
final class Lines implements AutoCloseable {

    private final Network network;
    private final WaitingRoom room;
    /** One for each server with credentials; they are configured, so there are few. */
    private final Map<ServerSettings, ServerToken> tokens = new ConcurrentHashMap<>();

    Lines(HttpClient client) {
        this.network = network(client);
        this.room = WaitingRoom.open(
                network.repositoryReader(),
                network::subscriber,
                WaitingSettings.DEFAULT,
                Clock.systemUTC(),
                RandomGenerator.getDefault());
    }

    /** With a name by which a server's log tells this Jenkins from other clients. */
    static Network network(HttpClient client) {
        return Network.builder()
                .httpClient(client)
                .userAgent("cvmfs-notify-jenkins")
                .build();
    }

    RepositoryReader reader() {
        return network.repositoryReader();
    }

    NotificationPublisher publisher(ServerSettings server, Run<?, ?> build, Duration timeLimit) {
        return network.publisher(new PublisherSettings(server.server(), token(server, build), timeLimit));
    }

    Waiting waitFor(Optional<ServerSettings> server, Run<?, ?> build, GateSnapshot known, ProgressListener listener) {
        Optional<SubscriberSettings> subscription =
                server.flatMap(settings -> subscription(settings, token(settings, build)));
        return room.enter(known, subscription.orElse(null), listener);
    }

    /** Equal for equal servers, so that they share one connection; empty if nothing is to be subscribed. */
    static Optional<SubscriberSettings> subscription(ServerSettings server, TokenSource token) {
        return server.transport()
                .protocol()
                .map(protocol -> SubscriberSettings.of(server.server())
                        .withProtocol(protocol)
                        .withToken(token));
    }

    private TokenSource token(ServerSettings server, Run<?, ?> build) {
        if (server.credentialsId() == null) {
            return TokenSource.NONE;
        }
        ServerToken token = tokens.computeIfAbsent(server, ServerToken::new);
        token.refresh(build);
        return token;
    }

    WaitingCounts counts() {
        return room.counts();
    }

    /** Closes if no build waits here. */
    boolean closeIfIdle() {
        boolean idle = counts().gates() == 0;
        if (idle) {
            close();
        }
        return idle;
    }

    @Override
    public void close() {
        room.close();
        network.close();
    }
}
