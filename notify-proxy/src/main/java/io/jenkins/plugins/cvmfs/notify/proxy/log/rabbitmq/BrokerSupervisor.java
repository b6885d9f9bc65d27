package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Keeps up a session with the broker: opens one, serves it until it ends, pauses, opens the next, until it is closed. All of it on
 * one thread, which is the only one that waits for the broker.
 */
final class BrokerSupervisor implements AutoCloseable {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private final SessionOpener opener;
    private final FollowedRepositories following;
    private final LastValues lastValues;
    private final BrokerReport report;
    private final BackOff pauses;
    private volatile LinkState state = down(Optional.empty());
    private volatile Optional<String> kind = Optional.empty();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "cvmfs-notify-broker");

    /** @param following the repositories to be followed in each session */
    BrokerSupervisor(
            SessionOpener opener,
            FollowedRepositories following,
            LastValues lastValues,
            BrokerReport report,
            Duration longestPause) {
        this.opener = opener;
        this.following = following;
        this.lastValues = lastValues;
        this.report = report;
        this.pauses = new BackOff(
                FIRST_PAUSE.compareTo(longestPause) < 0 ? FIRST_PAUSE : longestPause,
                longestPause,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    private static LinkState.Down down(Optional<BrokerError> why) {
        return new LinkState.Down(why, System.nanoTime());
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** From any thread. */
    LinkState state() {
        return state;
    }

    /** How the present or the last session keeps announcements, {@code queue} or {@code stream}; empty before the first. From any thread. */
    Optional<String> kind() {
        return kind;
    }

    private synchronized LinkState change(UnaryOperator<LinkState> change) {
        state = change.apply(state);
        return state;
    }

    private void run() {
        boolean open = true;
        while (open) {
            BrokerError why = runSession();
            Duration pause = pauses.next();
            open = change(s -> afterwards(s, why)) instanceof LinkState.Down;
            if (open) {
                opener.moveOn();
                report.disconnected(why, pause);
                open = !closesWithin(pause);
            }
        }
    }

    private static LinkState afterwards(LinkState before, BrokerError why) {
        if (before instanceof LinkState.Down outage) {
            return outage.after(why);
        }
        return before instanceof LinkState.Up ? down(Optional.of(why)) : before;
    }

    private boolean closesWithin(Duration pause) {
        try {
            return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Opens and serves one session; says why it ended, or why there was none. */
    private BrokerError runSession() {
        try (BrokerSession session = opener.open(known())) {
            if (!becomesUp(session)) {
                return new BrokerError(BrokerError.Kind.OTHER, "closed");
            }
            kind = Optional.of(session.feed().kind());
            report.connected(session.feed().kind());
            BrokerError why = session.serve();
            if (state instanceof LinkState.Closed) {
                session.leave();
            }
            if (session.feed().isCaughtUp()) {
                pauses.reset();
            }
            return why;
        } catch (InterruptedException e) {
            return new BrokerError(BrokerError.Kind.OTHER, "interrupted");
        } catch (Exception e) {
            // Whatever the client library throws, and it throws much: the next session may work.
            return BrokerError.of(e);
        }
    }

    private boolean becomesUp(BrokerSession session) {
        return change(s -> s instanceof LinkState.Closed ? s : new LinkState.Up(session)) instanceof LinkState.Up;
    }

    /** What has been announced is followed too. */
    private FollowedRepositories known() {
        lastValues.all().forEach(entry -> following.add(entry.repository()));
        return following;
    }

    /** Ends the session and waits for the thread, not longer than some seconds. Closing twice is fine. */
    @Override
    public void close() {
        Optional<BrokerSession> last;
        synchronized (this) {
            last = state.session();
            state = new LinkState.Closed();
        }
        last.ifPresent(session -> session.end(new BrokerError(BrokerError.Kind.OTHER, "closed")));
        closing.countDown();
        try {
            thread.join(LONGEST_CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
