package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one channel connected as long as there is a subscription, drops repeated messages, and puts the others into the listener's
 * queue. With several protocols it tries one after the other, first the one that worked last, and pauses only after all have failed; an
 * unreachable server, or one that asks for a pause, is not tried by the next protocol.
 *
 * <p>One lock guards all state. It is held for changes of state and for putting something into the queue, so that nothing of a repository
 * is queued after it was unsubscribed, and never while a channel or the listener is called.
 */
final class ReconnectingSubscriber implements NotificationSubscriber {

    private static final Logger LOG = LoggerFactory.getLogger(ReconnectingSubscriber.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);

    /** A connection of this age counts as good: the next pause is the first of a new series. */
    private static final Duration STABLE = Duration.ofSeconds(10);

    /** Moves: idle → connecting → connected → failed → pausing → connecting or idle; connecting → failed; any → closed. */
    private sealed interface State {

        /** Nothing is subscribed. */
        record Idle() implements State {}

        /** @param limit fires when connecting takes too long */
        record Connecting(Link link, Timer.Alarm limit) implements State {}

        /** @param since the timer's uptime */
        record Connected(Link link, Duration since) implements State {}

        /** The channel has ended, and the listener is being notified. */
        record Failed(Link link) implements State {}

        /** Waits before the next attempt. */
        record Pausing(Timer.Alarm pause) implements State {}

        record Closed() implements State {}
    }

    /** A protocol that the server may speak: its URL, and how to make a channel. */
    private record Transport(
            SubscriptionListener.Connection connection,
            Function<SubscriberChannel.Events, SubscriberChannel> channels) {}

    /** One subscribed repository, and its last message, to recognise a repetition. */
    private static final class Subscription {

        private final CompletableFuture<Void> accepted = new CompletableFuture<>();
        private byte @Nullable [] last;
        private boolean isAsked;

        /**
         * Remembers the message. Returns true if it repeats the last one: a server does so after each new subscription, and the gateway
         * also for the subscription of another client. Unrequested, the same bytes from any other server are a new announcement.
         */
        private boolean isReplay(byte[] message, boolean mayRepeat) {
            boolean isReplay = (isAsked || mayRepeat) && Arrays.equals(last, message);
            isAsked = false;
            last = message;
            return isReplay;
        }
    }

    private final SubscriptionListener listener;
    private final Timer timer;
    private final Consumer<NotificationSubscriber> whenClosed;

    /** Where the next event stream of each subscribed repository continues; shared with the channels. */
    private final Map<RepositoryName, String> lastEventIds = new ConcurrentHashMap<>();

    private final List<Transport> transports;
    private final BackOff pauses;
    private final ListenerQueue queue;
    private final Map<RepositoryName, Subscription> subscriptions = new LinkedHashMap<>();
    private State state = new State.Idle();
    private int preferred;
    private long connections;
    private long activities;
    private long replays;
    private long warnings;

    /** @param whenClosed called at the end of each {@link #close()} */
    ReconnectingSubscriber(
            SubscriberSettings settings,
            HttpSender client,
            JettyClient webSockets,
            Timer timer,
            SubscriptionListener listener,
            Consumer<NotificationSubscriber> whenClosed) {
        this.listener = listener;
        this.timer = timer;
        this.whenClosed = whenClosed;
        this.transports = transports(settings, client, webSockets);
        this.pauses = new BackOff(FIRST_PAUSE, settings.longestPause(), ThreadLocalRandom.current()::nextDouble);
        this.queue = new ListenerQueue("subscriber", settings.backlog());
    }

    /** Returns the protocols in the order to try them. */
    private List<Transport> transports(SubscriberSettings settings, HttpSender client, JettyClient webSockets) {
        TokenSource token = settings.token();
        String query = settings.early() ? "?hold=none" : "";
        URI webSocketUrl = URI.create(settings.server().webSocketUrl() + query);
        URI eventStreamUrl = URI.create(settings.server().eventStreamUrl() + query);
        Transport webSocket = new Transport(
                new SubscriptionListener.Connection(webSocketUrl, SubscriberSettings.Protocol.WEBSOCKET),
                events -> new WebSocketChannel(webSockets, webSocketUrl, token, timer, events));
        Transport eventStream = new Transport(
                new SubscriptionListener.Connection(eventStreamUrl, SubscriberSettings.Protocol.EVENT_STREAM),
                events -> new EventStreamChannel(client, eventStreamUrl, token, timer, lastEventIds, events));
        return switch (settings.protocol()) {
            case AUTO -> List.of(webSocket, eventStream);
            case WEBSOCKET -> List.of(webSocket);
            case EVENT_STREAM -> List.of(eventStream);
        };
    }

    @Override
    public CompletableFuture<Void> subscribe(RepositoryName repository) {
        Subscription subscription = new Subscription();
        Link standing;
        Link opening = null;
        synchronized (this) {
            if (state instanceof State.Closed) {
                subscription.accepted.cancel(false);
                return subscription.accepted;
            }
            Subscription before = subscriptions.putIfAbsent(repository, subscription);
            if (before != null) {
                return before.accepted.copy();
            }
            standing = link();
            if (state instanceof State.Idle) {
                opening = connecting(preferred, transports.size());
            }
        }
        if (standing != null) {
            standing.channel.subscribe(repository);
        } else if (opening != null) {
            opening.open();
        }
        return subscription.accepted.copy();
    }

    @Override
    public void unsubscribe(RepositoryName repository) {
        Subscription subscription;
        Link standing;
        synchronized (this) {
            subscription = subscriptions.remove(repository);
            queue.drop(repository);
            standing = link();
        }
        if (subscription != null) {
            if (standing != null) {
                standing.channel.unsubscribe(repository);
            }
            // After the channel, which no longer adds the repository then.
            lastEventIds.remove(repository);
            subscription.accepted.cancel(false);
        }
    }

    @Override
    public synchronized Counts counts() {
        return new Counts(connections, activities, queue.conflated(), replays, warnings);
    }

    @Override
    public void close() {
        List<Subscription> rest;
        Link standing;
        synchronized (this) {
            rest = List.copyOf(subscriptions.values());
            subscriptions.clear();
            standing = link();
            if (state instanceof State.Connecting connecting) {
                connecting.limit().cancel();
            } else if (state instanceof State.Pausing pausing) {
                pausing.pause().cancel();
            }
            state = new State.Closed();
        }
        if (standing != null) {
            standing.channel.close();
        }
        rest.forEach(subscription -> subscription.accepted.cancel(false));
        queue.close();
        whenClosed.accept(this);
    }

    /** Returns the link that is established or being made. */
    private @Nullable Link link() {
        if (state instanceof State.Connecting connecting) {
            return connecting.link();
        }
        return state instanceof State.Connected connected ? connected.link() : null;
    }

    /** @param untried the number of protocols to try before a pause, this one included */
    private Link connecting(int index, int untried) {
        Link link = new Link(index, untried);
        state = new State.Connecting(link, timer.after(CONNECT_LIMIT, link::tooSlow));
        return link;
    }

    /** Notifies the listener, and begins the pause when it has returned. */
    private void disconnected(Link failed, NotifyException cause) {
        Duration pause = pauses.next(cause);
        state = new State.Failed(failed);
        queue.connection(() -> {
            try {
                listener.disconnected(cause, pause);
            } finally {
                beginPause(failed, pause);
            }
        });
    }

    private synchronized void beginPause(Link failed, Duration pause) {
        if (state instanceof State.Failed last && last.link() == failed) {
            state = new State.Pausing(timer.after(pause, this::resume));
        }
    }

    private void resume() {
        Link link;
        synchronized (this) {
            if (!(state instanceof State.Pausing)) {
                return;
            }
            if (subscriptions.isEmpty()) {
                state = new State.Idle();
                return;
            }
            link = connecting(preferred, transports.size());
        }
        link.open();
    }

    private void deliverSubscribed(RepositoryName repository) {
        Subscription subscription;
        synchronized (this) {
            subscription = subscriptions.get(repository);
        }
        if (subscription != null) {
            subscription.accepted.complete(null);
            listener.subscribed(repository);
        }
    }

    private void deliver(ActivityMessage message) {
        synchronized (this) {
            activities++;
        }
        listener.activity(message);
    }

    private synchronized List<RepositoryName> repositories() {
        return List.copyOf(subscriptions.keySet());
    }

    /** One attempt to connect and, if it succeeds, the connection. Events after its end are ignored. */
    private final class Link implements SubscriberChannel.Events {

        private final int index;
        private final int untried;
        private final SubscriptionListener.Connection connection;
        private final SubscriberChannel channel;

        private Link(int index, int untried) {
            this.index = index;
            this.untried = untried;
            this.connection = transports.get(index).connection();
            this.channel = transports.get(index).channels().apply(this);
        }

        private void open() {
            channel.open(repositories());
        }

        private void tooSlow() {
            channel.close();
            ended(new TransientFailureException(
                    "%s: no connection within %d s".formatted(connection.url(), CONNECT_LIMIT.toSeconds()),
                    new HttpTimeoutException("no connection")));
        }

        /** Returns true if this link lives and the repository is still subscribed. */
        private boolean isFor(RepositoryName repository) {
            return link() == this && subscriptions.containsKey(repository);
        }

        @Override
        public void opened() {
            synchronized (ReconnectingSubscriber.this) {
                if (!(state instanceof State.Connecting connecting) || connecting.link() != this) {
                    return;
                }
                connecting.limit().cancel();
                state = new State.Connected(this, timer.uptime());
                preferred = index;
                connections++;
                queue.connection(() -> listener.connected(connection));
            }
        }

        @Override
        public void asking(RepositoryName repository) {
            synchronized (ReconnectingSubscriber.this) {
                Subscription subscription = subscriptions.get(repository);
                if (subscription != null && link() == this) {
                    subscription.isAsked = true;
                }
            }
        }

        @Override
        public void subscribed(RepositoryName repository) {
            synchronized (ReconnectingSubscriber.this) {
                if (isFor(repository)) {
                    queue.answer(repository, () -> deliverSubscribed(repository));
                }
            }
        }

        @Override
        public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
            synchronized (ReconnectingSubscriber.this) {
                if (isFor(repository)) {
                    queue.answer(repository, () -> listener.refused(repository, cause, retryIn));
                }
            }
        }

        @Override
        public void received(byte[] bytes, boolean mayRepeat) {
            ActivityMessage message;
            try {
                message = ActivityMessage.parse(bytes);
            } catch (MessageFormatException e) {
                receivedOther(bytes, e);
                return;
            }
            synchronized (ReconnectingSubscriber.this) {
                Subscription subscription = subscriptions.get(message.repository());
                if (subscription == null || link() != this) {
                    return;
                }
                if (subscription.isReplay(message.raw(), mayRepeat)) {
                    replays++;
                } else {
                    queue.activity(message.repository(), () -> deliver(message));
                }
            }
        }

        private void receivedOther(byte[] bytes, MessageFormatException problem) {
            ServerReply reply = ServerReply.parse(bytes).orElse(null);
            if (reply != null && reply.isOk()) {
                return;
            }
            String text = reply == null
                    ? "the server sent an invalid activity message: " + problem.getMessage()
                    : "the server reports an error: " + Excerpt.of(reply.reason());
            synchronized (ReconnectingSubscriber.this) {
                if (link() == this) {
                    warnings++;
                    queue.warning(() -> listener.warning(new InvalidInputException(text)));
                }
            }
        }

        @Override
        public void ended(NotifyException cause) {
            LOG.atDebug().addKeyValue("url", connection.url()).setCause(cause).log("connection ended");
            Link next;
            synchronized (ReconnectingSubscriber.this) {
                if (link() != this) {
                    return;
                }
                next = nextProtocol(cause);
                if (next == null) {
                    disconnected(this, cause);
                }
            }
            if (next != null) {
                next.open();
            }
        }

        /** Returns a link by the next protocol if this one could not connect although the server is reachable. */
        private @Nullable Link nextProtocol(NotifyException cause) {
            if (state instanceof State.Connected connected) {
                if (timer.uptime().minus(connected.since()).compareTo(STABLE) >= 0) {
                    pauses.reset();
                }
                return null;
            }
            if (state instanceof State.Connecting connecting) {
                connecting.limit().cancel();
            }
            boolean asksForPause = cause instanceof ServerBusyException busy
                    && !busy.retryAfter().isZero();
            return untried > 1 && !asksForPause && !HttpErrors.isUnreachable(cause)
                    ? connecting((index + 1) % transports.size(), untried - 1)
                    : null;
        }

        /** Reconnects without a pause; the listener is notified only of the new connection. */
        @Override
        public void renew() {
            Link next;
            synchronized (ReconnectingSubscriber.this) {
                if (link() != this) {
                    return;
                }
                next = connecting(preferred, transports.size());
            }
            next.open();
        }
    }
}
