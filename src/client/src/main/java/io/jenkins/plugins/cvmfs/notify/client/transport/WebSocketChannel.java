package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.protocol.Subscription;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.api.exceptions.MessageTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket for all repositories. Pings hold it open: the original service closes a socket from which it has heard nothing
 * for 60 s. They carry a byte, because that service dies of an empty one.
 */
final class WebSocketChannel implements Channel {

    private static final Duration PING_INTERVAL = Duration.ofSeconds(25);

    /** How long the farewell may take before the connection is cut. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final WebSocketConnector connector;
    private final URI url;
    private final TokenSource token;
    private final Timer timer;
    private final Events events;
    private final Liveness liveness;
    private final Set<RepositoryName> waiting = new LinkedHashSet<>();
    private @Nullable CompletableFuture<Session> attempt;
    private @Nullable Session session;
    private boolean isReady;
    private boolean isEnded;

    WebSocketChannel(WebSocketConnector connector, URI url, TokenSource token, Timer timer, Events events) {
        this.connector = connector;
        this.url = url;
        this.token = token;
        this.timer = timer;
        this.events = events;
        this.liveness = new Liveness(timer, PING_INTERVAL, this::ping, this::dead);
    }

    @Override
    public void open(Collection<RepositoryName> repositories) {
        synchronized (this) {
            waiting.addAll(repositories);
        }
        CompletableFuture<Session> connecting = connector.connect(url, token, new WebSocketEndpoint(this));
        Chain.whenDone(connecting, (opened, failure) -> {
            if (failure != null) {
                end(NetworkFailure.of(url.toString(), failure));
            }
        });
        if (!keepAttempt(connecting)) {
            connecting.cancel(true);
        }
    }

    /** An attempt that has led to a session is not cancelled, which would cut the session's farewell short. */
    private synchronized boolean keepAttempt(CompletableFuture<Session> connecting) {
        attempt = connecting;
        return !isEnded || session != null;
    }

    /** The handshake is done. */
    void opened(Session opened) {
        if (!keepSession(opened)) {
            opened.disconnect();
            return;
        }
        events.opened();
        liveness.start();
        readyToAsk().forEach(this::ask);
    }

    private synchronized boolean keepSession(Session opened) {
        session = opened;
        return !isEnded;
    }

    private synchronized List<RepositoryName> readyToAsk() {
        isReady = true;
        List<RepositoryName> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    @Override
    public void subscribe(RepositoryName repository) {
        synchronized (this) {
            if (!isReady) {
                waiting.add(repository);
                return;
            }
        }
        ask(repository);
    }

    private void ask(RepositoryName repository) {
        Session open = openSession();
        if (open != null) {
            events.asking(repository);
            ByteBuffer question = ByteBuffer.wrap(new Subscription(repository).toBytes());
            open.sendBinary(question, Callback.from(() -> events.subscribed(repository), this::failed));
        }
    }

    private synchronized @Nullable Session openSession() {
        return isEnded ? null : session;
    }

    /** The protocol has no such thing. */
    @Override
    public synchronized void unsubscribe(RepositoryName repository) {
        waiting.remove(repository);
    }

    void received(byte[] message) {
        liveness.heard();
        events.received(message, false);
    }

    void heard() {
        liveness.heard();
    }

    private void ping() {
        Session open = openSession();
        if (open != null) {
            open.sendPing(ByteBuffer.wrap(new byte[] {'.'}), Callback.from(() -> {}, this::failed));
        }
    }

    private void dead() {
        end(new TransientFailureException("%s: no sign of life for %d s".formatted(url, PING_INTERVAL.toSeconds())));
    }

    /** Something went wrong on an open socket; before that, the attempt to connect reports it. */
    void failed(Throwable cause) {
        if (openSession() == null) {
            return;
        }
        if (cause instanceof MessageTooLargeException) {
            end(new InvalidInputException("%s: the server sent a message of more than the %d bytes that are allowed"
                    .formatted(url, ActivityMessage.MAX_BYTES)));
        } else {
            end(NetworkFailure.of(url.toString(), cause));
        }
    }

    void closedByServer(int statusCode, @Nullable String reason) {
        String words = reason == null || reason.isEmpty() ? "" : " " + Excerpt.of(reason);
        end(new TransientFailureException(
                statusCode == StatusCode.NO_CLOSE
                        ? url + ": the connection was lost"
                        : "%s: the server closed the connection (%d%s)".formatted(url, statusCode, words)));
    }

    private void end(NotifyException cause) {
        Session open = openSession();
        if (stop()) {
            if (open != null) {
                open.disconnect();
            }
            events.ended(cause);
        }
    }

    @Override
    public void close() {
        Session open = openSession();
        if (stop() && open != null) {
            open.close(StatusCode.NORMAL, null, Callback.from(open::disconnect, failure -> open.disconnect()));
            timer.after(CLOSE_LIMIT, open::disconnect);
        }
    }

    /** Whether this was the first call. */
    private synchronized boolean stop() {
        boolean first = !isEnded;
        isEnded = true;
        liveness.stop();
        if (attempt != null && session == null) {
            attempt.cancel(true);
        }
        return first;
    }
}
