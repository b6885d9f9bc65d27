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
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitCounts;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** The network as it is through one HTTP client, and the waiting room of all builds that use it. Thread-safe. */
final class Lines implements AutoCloseable {

    private final Network network;
    private final WaitService room;
    /** One for each server with credentials; they are configured, so there are few. */
    private final Map<ServerSettings, ServerToken> tokens = new ConcurrentHashMap<>();

    private final AtomicInteger users = new AtomicInteger();

    Lines(HttpClient client) {
        this.network = network(client);
        this.room = WaitService.open(
                network.repositoryReader(),
                network::subscriber,
                WaitSettings.DEFAULT,
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

    NotificationPublisher publisher(PublisherSettings settings) {
        return network.publisher(settings);
    }

    Wait waitFor(Optional<SubscriberSettings> subscription, GateSnapshot known, ProgressListener listener) {
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

    /** The same source for the same server, looked up anew; may block. */
    TokenSource token(ServerSettings server, Run<?, ?> build) {
        if (server.credentialsId() == null) {
            return TokenSource.NONE;
        }
        ServerToken token = tokens.computeIfAbsent(server, ServerToken::new);
        token.refresh(build);
        return token;
    }

    WaitCounts counts() {
        return room.counts();
    }

    /** Keeps it open until {@link #release()}. */
    Lines take() {
        users.incrementAndGet();
        return this;
    }

    void release() {
        users.decrementAndGet();
    }

    /** Whether no step uses it and no build waits here. It may be closed then, unless it is taken meanwhile. */
    boolean isIdle() {
        return users.get() == 0 && counts().gates() == 0;
    }

    @Override
    public void close() {
        room.close();
        network.close();
    }
}
