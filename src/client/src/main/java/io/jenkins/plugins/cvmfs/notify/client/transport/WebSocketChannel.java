package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.api.exceptions.MessageTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket for all repositories. Pings keep it open: the original service closes a socket from which it received nothing for
 * 60 s. They carry a byte, because that service crashes on an empty one.
 *
 * <p>The protocol has no acknowledgement, only refusals. So a ping follows each subscription: the server answers in order, hence its
 * pong means that the subscription was accepted, unless a refusal came before.
 */
final class WebSocketChannel implements SubscriberChannel {

    private static final Duration PING_INTERVAL = Duration.ofSeconds(25);

    /** The limit for the closing handshake; then the connection is cut. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    /** After a refusal, the time until a new connection: servers decide by the credentials and rights at its opening. */
    private static final Duration REFUSAL_PAUSE = Duration.ofMinutes(5);

    /** The reasons for refusals, and a text for servers that send only the reason. */
    private static final Map<String, String> REFUSALS = Map.of(
            "credentials_needed", "credentials with the right to subscribe are needed here",
            "invalid_credentials", "the credentials are not valid",
            "not_allowed", "these credentials lack the right to subscribe",
            "too_many_subscriptions", "this connection has as many subscriptions as are allowed",
            "too_many_repositories", "as many repositories are subscribed as are allowed");

    private final JettyClient client;
    private final URI url;
    private final TokenSource token;
    private final Timer timer;
    private final Events events;
    private final IdleMonitor idleMonitor;
    private final Set<RepositoryName> waiting = new LinkedHashSet<>();
    /** Subscriptions without an answer yet, by the payload of the ping that follows each. */
    private final Map<String, RepositoryName> unanswered = new HashMap<>();

    /** The payloads of the pings among them that were sent, in order. */
    private final Deque<String> pinged = new ArrayDeque<>();

    /** Replaces the connection; null until something was refused on this one. */
    private Timer.@Nullable Alarm renewal;

    private long marks;
    private @Nullable CompletableFuture<Session> attempt;
    private @Nullable Session session;
    private boolean isReady;
    private boolean isEnded;

    WebSocketChannel(JettyClient client, URI url, TokenSource token, Timer timer, Events events) {
        this.client = client;
        this.url = url;
        this.token = token;
        this.timer = timer;
        this.events = events;
        this.idleMonitor = new IdleMonitor(timer, PING_INTERVAL, this::ping, this::unresponsive);
    }

    @Override
    public void open(Collection<RepositoryName> repositories) {
        synchronized (this) {
            waiting.addAll(repositories);
        }
        CompletableFuture<Session> connecting = client.connect(url, token, timer, new Endpoint(this));
        Futures.whenDone(connecting, (opened, failure) -> {
            if (failure != null) {
                end(HttpErrors.of(url.toString(), failure));
            }
        });
        if (!keepAttempt(connecting)) {
            connecting.cancel(true);
        }
    }

    /** Returns false to cancel the attempt; one that led to a session is not cancelled, which would cut its closing handshake. */
    private synchronized boolean keepAttempt(CompletableFuture<Session> connecting) {
        attempt = connecting;
        return !isEnded || session != null;
    }

    private void opened(Session opened) {
        if (!keepSession(opened)) {
            opened.disconnect();
            return;
        }
        events.opened();
        idleMonitor.start();
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
            ByteBuffer message = ByteBuffer.wrap(new SubscribeMessage(repository).toBytes());
            String mark = mark(repository);
            // Only after the message is written: a ping overtakes messages that wait to be written.
            open.sendBinary(message, Callback.from(() -> pingAfter(mark), this::failed));
        }
    }

    private void pingAfter(String mark) {
        synchronized (this) {
            pinged.add(mark);
        }
        ping(mark);
    }

    private synchronized String mark(RepositoryName repository) {
        marks++;
        String mark = String.valueOf(marks);
        unanswered.put(mark, repository);
        return mark;
    }

    private void pong(String payload) {
        idleMonitor.active();
        accepted(payload).forEach(events::subscribed);
    }

    /** Returns all up to that ping, because the server may answer only the newest of several (RFC 6455, section 5.5.3). */
    private synchronized List<RepositoryName> accepted(String mark) {
        List<RepositoryName> accepted = new ArrayList<>();
        if (pinged.contains(mark)) {
            String answered;
            do {
                answered = pinged.remove();
                RepositoryName repository = unanswered.remove(answered);
                if (repository != null) {
                    accepted.add(repository);
                }
            } while (!answered.equals(mark));
        }
        return accepted;
    }

    private synchronized @Nullable Session openSession() {
        return isEnded ? null : session;
    }

    /** The protocol cannot unsubscribe: only forgets the repository here. */
    @Override
    public synchronized void unsubscribe(RepositoryName repository) {
        waiting.remove(repository);
        unanswered.values().removeIf(repository::equals);
    }

    private void received(byte[] message) {
        idleMonitor.active();
        ServerReply reply = ServerReply.parse(message).orElse(null);
        RepositoryName repository = reply == null ? null : refusedBy(reply);
        if (reply == null || repository == null) {
            events.received(message, false);
        } else {
            events.refused(repository, refusal(reply, repository), REFUSAL_PAUSE);
        }
    }

    /** Returns the refused repository, which not every server names; null if the reply is no refusal. */
    private synchronized @Nullable RepositoryName refusedBy(ServerReply reply) {
        RepositoryName repository = reply.repository();
        if (repository == null && REFUSALS.containsKey(reply.reason()) && unanswered.size() == 1) {
            repository = unanswered.values().iterator().next();
        }
        if (repository == null || reply.isOk() || !unanswered.values().removeIf(repository::equals)) {
            return null;
        }
        if (renewal == null && !isEnded) {
            renewal = timer.after(REFUSAL_PAUSE, this::renew);
        }
        return repository;
    }

    private NotifyException refusal(ServerReply reply, RepositoryName repository) {
        String detail = reply.detail().isEmpty()
                ? REFUSALS.getOrDefault(reply.reason(), "")
                : Excerpt.of(reply.detail(), HttpErrors.LONGEST_DETAIL);
        String message = "%s: the server refuses the subscription to %s: %s (%s)"
                .formatted(url, repository, detail, Excerpt.of(reply.reason()));
        return reply.reason().startsWith("too_many")
                ? new TransientFailureException(message)
                : new RefusedException(message);
    }

    /** Also if the refused repository is no longer wanted: a later subscription to it shall be judged by the rights of then. */
    private void renew() {
        if (openSession() != null) {
            close();
            events.renew();
        }
    }

    private void ping() {
        ping(".");
    }

    private void ping(String payload) {
        Session open = openSession();
        if (open != null) {
            open.sendPing(ByteBuffer.wrap(payload.getBytes(UTF_8)), Callback.from(() -> {}, this::failed));
        }
    }

    private void unresponsive() {
        end(new TransientFailureException(
                "%s: the server sent nothing for %d s, not even a pong".formatted(url, PING_INTERVAL.toSeconds())));
    }

    /** Before the socket is open, the attempt to connect reports failures. */
    private void failed(Throwable cause) {
        if (openSession() == null) {
            return;
        }
        if (cause instanceof MessageTooLargeException) {
            end(new InvalidInputException("%s: the server sent a message of more than the %d bytes that are allowed"
                    .formatted(url, ActivityMessage.MAX_BYTES)));
        } else {
            end(HttpErrors.of(url.toString(), cause));
        }
    }

    private void closedByServer(int statusCode, @Nullable String reason) {
        String text = reason == null || reason.isEmpty() ? "" : " " + Excerpt.of(reason);
        end(new TransientFailureException(
                statusCode == StatusCode.NO_CLOSE
                        ? url + ": the connection was lost"
                        : "%s: the server closed the connection (%d%s)".formatted(url, statusCode, text)));
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

    /** Returns true for the first call. */
    private boolean stop() {
        CompletableFuture<Session> unfinished;
        boolean first;
        synchronized (this) {
            first = !isEnded;
            isEnded = true;
            idleMonitor.stop();
            if (renewal != null) {
                renewal.cancel();
            }
            unfinished = session == null ? attempt : null;
        }
        if (unfinished != null) {
            unfinished.cancel(true);
        }
        return first;
    }

    /** Receives the frames. Public because Jetty refuses to call a class that is not. */
    public static final class Endpoint implements Session.Listener.AutoDemanding {

        private final WebSocketChannel channel;

        private Endpoint(WebSocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void onWebSocketOpen(Session session) {
            channel.opened(session);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            byte[] message = new byte[payload.remaining()];
            payload.get(message);
            callback.succeed();
            channel.received(message);
        }

        @Override
        public void onWebSocketText(String message) {
            channel.received(message.getBytes(UTF_8));
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            channel.pong(UTF_8.decode(payload).toString());
        }

        @Override
        public void onWebSocketError(Throwable cause) {
            channel.failed(cause);
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            callback.succeed();
            channel.closedByServer(statusCode, reason);
        }
    }
}
