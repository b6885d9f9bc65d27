package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one channel standing as long as there is anything to subscribe to. Where a server may speak several protocols it tries
 * one after the other, first the one that worked last, and pauses only when all have failed; a server that is not there at all,
 * or asks for a pause, is not tried by another.
 *
 * <p>Its lock is held for changes of state only. While it is held no channel is called, and of the owner only {@link
 * Owner#wanted()}, whose lock is therefore taken second.
 */
final class Reconnector {

    private static final Logger LOG = LoggerFactory.getLogger(Reconnector.class);

    /** What it tells; from any thread. */
    interface Owner {

        /** What to ask for on a new connection. */
        Set<RepositoryName> wanted();

        void connected(SubscriptionListener.Connection connection);

        /**
         * The connection is lost, or none could be made.
         *
         * @param next to be run once the listener knows; begins the pause
         */
        void disconnected(NotifyException cause, Duration pause, Runnable next);

        void asking(RepositoryName repository);

        void subscribed(RepositoryName repository);

        void refused(RepositoryName repository, NotifyException cause, Duration retryIn);

        void received(byte[] message, boolean mayRepeat);
    }

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);

    /** A connection that stood this long was a good one: the next failure is the first of a new row. */
    private static final Duration STABLE = Duration.ofSeconds(10);

    private final List<SubscriberChannel.Dialler> diallers;
    private final Timer timer;
    private final BackOff pauses;
    private final Owner owner;
    private ConnectionState state = new ConnectionState.Idle();
    private int preferred;

    /** @param diallers in the order to try them, at least one */
    Reconnector(List<SubscriberChannel.Dialler> diallers, Timer timer, BackOff pauses, Owner owner) {
        this.diallers = diallers;
        this.timer = timer;
        this.pauses = pauses;
        this.owner = owner;
    }

    /** There is one more to ask for: connects if need be. */
    void subscribe(RepositoryName repository) {
        SubscriberChannel standing = channel();
        if (standing != null) {
            standing.subscribe(repository);
            return;
        }
        Link link = linkIfIdle();
        if (link != null) {
            link.open();
        }
    }

    /** There is one less to ask for. */
    void unsubscribe(RepositoryName repository) {
        SubscriberChannel standing = channel();
        if (standing != null) {
            standing.unsubscribe(repository);
        }
    }

    private synchronized @Nullable SubscriberChannel channel() {
        Link link = link();
        return link == null ? null : link.channel;
    }

    /** The link that stands or is being made. */
    private @Nullable Link link() {
        if (state instanceof ConnectionState.Connecting connecting) {
            return connecting.link();
        }
        return state instanceof ConnectionState.Connected connected ? connected.link() : null;
    }

    private synchronized @Nullable Link linkIfIdle() {
        return state instanceof ConnectionState.Idle ? connecting(preferred, diallers.size()) : null;
    }

    /** @param untried how many diallers are left to try before a pause, this one included */
    private Link connecting(int index, int untried) {
        Link link = new Link(index, untried);
        state = new ConnectionState.Connecting(link, timer.after(CONNECT_LIMIT, link::tooSlow));
        return link;
    }

    private synchronized Duration pauseAfter(NotifyException cause) {
        return pauses.next(cause);
    }

    private synchronized void beginPause(Link failed, Duration pause) {
        if (state instanceof ConnectionState.Failed last && last.link() == failed) {
            state = new ConnectionState.Pausing(timer.after(pause, this::resume));
        }
    }

    private void resume() {
        Link link = linkAfterPause();
        if (link != null) {
            link.open();
        }
    }

    private synchronized @Nullable Link linkAfterPause() {
        if (!(state instanceof ConnectionState.Pausing)) {
            return null;
        }
        if (owner.wanted().isEmpty()) {
            state = new ConnectionState.Idle();
            return null;
        }
        return connecting(preferred, diallers.size());
    }

    /** Ends the connection for good, without a further word to the owner. */
    void close() {
        SubscriberChannel standing;
        synchronized (this) {
            standing = channel();
            if (state instanceof ConnectionState.Connecting connecting) {
                connecting.limit().cancel();
            } else if (state instanceof ConnectionState.Pausing pausing) {
                pausing.pause().cancel();
            }
            state = new ConnectionState.Closed();
        }
        if (standing != null) {
            standing.close();
        }
    }

    /** One attempt to connect and, if it succeeds, the connection. What it hears after its end concerns nobody. */
    final class Link implements SubscriberChannel.Events {

        private final int index;
        private final int untried;
        private final SubscriberChannel channel;

        private Link(int index, int untried) {
            this.index = index;
            this.untried = untried;
            this.channel = diallers.get(index).dial(this);
        }

        private void open() {
            channel.open(owner.wanted());
        }

        private void tooSlow() {
            channel.close();
            ended(new TransientFailureException("%s: no connection within %d s"
                    .formatted(diallers.get(index).connection().url(), CONNECT_LIMIT.toSeconds())));
        }

        private boolean isCurrent() {
            synchronized (Reconnector.this) {
                return link() == this;
            }
        }

        @Override
        public void opened() {
            synchronized (Reconnector.this) {
                if (!(state instanceof ConnectionState.Connecting connecting) || connecting.link() != this) {
                    return;
                }
                connecting.limit().cancel();
                state = new ConnectionState.Connected(this, timer.uptime());
                preferred = index;
            }
            owner.connected(diallers.get(index).connection());
        }

        @Override
        public void asking(RepositoryName repository) {
            if (isCurrent()) {
                owner.asking(repository);
            }
        }

        @Override
        public void subscribed(RepositoryName repository) {
            if (isCurrent()) {
                owner.subscribed(repository);
            }
        }

        @Override
        public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
            if (isCurrent()) {
                owner.refused(repository, cause, retryIn);
            }
        }

        @Override
        public void received(byte[] message, boolean mayRepeat) {
            if (isCurrent()) {
                owner.received(message, mayRepeat);
            }
        }

        @Override
        public void ended(NotifyException cause) {
            LOG.atDebug().setCause(cause).log("no connection to the notification server");
            Link other;
            synchronized (Reconnector.this) {
                if (link() != this) {
                    return;
                }
                other = otherWay(cause);
                if (other == null) {
                    state = new ConnectionState.Failed(this);
                }
            }
            if (other != null) {
                other.open();
            } else {
                Duration pause = pauseAfter(cause);
                owner.disconnected(cause, pause, () -> beginPause(this, pause));
            }
        }

        /** Connects anew at once; the owner hears of the new connection only. */
        @Override
        public void renew() {
            Link next;
            synchronized (Reconnector.this) {
                if (link() != this) {
                    return;
                }
                next = connecting(preferred, diallers.size());
            }
            next.open();
        }

        /** The next protocol to try, if this one could not connect but the server is there. */
        private @Nullable Link otherWay(NotifyException cause) {
            if (state instanceof ConnectionState.Connected connected) {
                if (timer.uptime().minus(connected.since()).compareTo(STABLE) >= 0) {
                    pauses.reset();
                }
                return null;
            }
            if (state instanceof ConnectionState.Connecting connecting) {
                connecting.limit().cancel();
            }
            boolean isThere = !HttpErrors.isUnreachable(cause)
                    && !(cause instanceof ServerBusyException busy
                            && !busy.retryAfter().isZero());
            return untried > 1 && isThere ? connecting((index + 1) % diallers.size(), untried - 1) : null;
        }
    }
}
