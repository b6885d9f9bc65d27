package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.RetryListener;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The network as it was when a step began to use it. It stays open until this is closed, also if Jenkins' HTTP proxy is changed
 * meanwhile. Thread-safe; nothing blocks but the looking up of credentials.
 */
public final class NetworkUse implements AutoCloseable {

    private final Lines lines;
    private final AtomicBoolean closed = new AtomicBoolean();

    NetworkUse(Lines lines) {
        this.lines = lines;
    }

    /** Reads repositories. */
    public RepositoryReader reader() {
        return lines.reader();
    }

    /**
     * Publishes to this server.
     *
     * @param build whose use of the credentials is recorded
     * @throws NotifyException if there is no token for the server
     */
    public NotificationPublisher publisher(
            ServerSettings server, Run<?, ?> build, Duration timeLimit, RetryListener retries) {
        TokenSource token = lines.token(server, build);
        return lines.publisher(new PublisherSettings(server.server(), token, timeLimit).withRetries(retries));
    }

    /**
     * Begins to wait, or goes on. The wait keeps the network open by itself until it ends.
     *
     * @param server whom to listen to; empty to read the replicas only
     * @param build whose use of the credentials is recorded
     * @throws NotifyException if there is no token for the server, or too many wait already
     */
    Wait waitFor(Optional<ServerSettings> server, Run<?, ?> build, GateSnapshot known, ProgressListener listener) {
        return lines.waitFor(
                server.flatMap(settings -> Lines.subscription(settings, lines.token(settings, build))),
                known,
                listener);
    }

    /** Twice is fine. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            lines.release();
        }
    }
}
