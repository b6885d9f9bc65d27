package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session with the broker: opens one, serves it until it ends, pauses, opens the next, until it is closed. All of it on
 * one thread, which is the only one that waits for the broker.
 */
final class BrokerSupervisor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerSupervisor.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private final BrokerSession.Opener opener;
    private final FollowedRepositories following;
    private final LastValues lastValues;
    private final BackOff pauses;
    private final Counter sessions;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = DaemonThreads.named("cvmfs-notify-broker").newThread(this::run);
    private volatile State state = new State.Down(Optional.empty(), System.nanoTime());
    private volatile Optional<String> kind = Optional.empty();

    /** The error that was logged last, on the broker thread: a change of its kind is worth a line, each attempt is not. */
    private Optional<BrokerError.Kind> logged = Optional.empty();

    /** @param following the repositories to follow in each session */
    BrokerSupervisor(
            BrokerSession.Opener opener,
            FollowedRepositories following,
            LastValues lastValues,
            Duration longestPause,
            MeterRegistry meters) {
        this.opener = opener;
        this.following = following;
        this.lastValues = lastValues;
        this.pauses = new BackOff(
                FIRST_PAUSE.compareTo(longestPause) < 0 ? FIRST_PAUSE : longestPause,
                longestPause,
                () -> ThreadLocalRandom.current().nextDouble());
        this.sessions = Counter.builder("cvmfs_notify_broker_sessions")
                .description("Times the broker has been connected to")
                .register(meters);
    }

    /** The state of the session with the broker. */
    sealed interface State {

        /** The session; empty unless there is one. */
        default Optional<BrokerSession> session() {
            return Optional.empty();
        }

        /**
         * There is none; the broker thread keeps trying.
         *
         * @param why what an operator should know; empty before the first attempt has failed
         * @param sinceNanos since when, by {@link System#nanoTime()}
         */
        record Down(Optional<BrokerError> why, long sinceNanos) implements State {

            boolean isLongerThan(Duration limit) {
                return System.nanoTime() - sinceNanos > limit.toNanos();
            }

            String describe() {
                return why.map(BrokerError::toString).orElse("connecting to the broker");
            }
        }

        /** There is one. */
        record Up(BrokerSession current) implements State {
            @Override
            public Optional<BrokerSession> session() {
                return Optional.of(current);
            }
        }

        /** There will be no other. */
        record Closed() implements State {}
    }

    void start() {
        thread.start();
    }

    /** From any thread. */
    State state() {
        return state;
    }

    /** The kind of the present or the last session, {@code queue} or {@code stream}; empty before the first. From any thread. */
    Optional<String> kind() {
        return kind;
    }

    private synchronized State change(UnaryOperator<State> change) {
        state = change.apply(state);
        return state;
    }

    private void run() {
        boolean open = true;
        while (open) {
            BrokerError why = runSession();
            Duration pause = pauses.next();
            open = change(before -> afterSession(before, why)) instanceof State.Down;
            if (open) {
                opener.moveOn();
                logDisconnected(why, pause);
                open = !closesWithin(pause);
            }
        }
    }

    private static State afterSession(State before, BrokerError why) {
        if (before instanceof State.Closed) {
            return before;
        }
        long since = before instanceof State.Down outage ? outage.sinceNanos() : System.nanoTime();
        return new State.Down(Optional.of(why), since);
    }

    private boolean closesWithin(Duration pause) {
        try {
            return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Opens and serves one session; returns why it ended, or why there was none. */
    private BrokerError runSession() {
        // Announced repositories are followed too.
        lastValues.all().forEach(entry -> following.add(entry.repository()));
        try (BrokerSession session = opener.open(following)) {
            if (!(change(s -> s instanceof State.Closed ? s : new State.Up(session)) instanceof State.Up)) {
                return new BrokerError(BrokerError.Kind.OTHER, "closed");
            }
            connected(session.consumer().kind());
            BrokerError why = session.serve();
            if (state instanceof State.Closed) {
                session.leave();
            }
            if (session.consumer().isCaughtUp()) {
                pauses.reset();
            }
            return why;
        } catch (InterruptedException e) {
            return new BrokerError(BrokerError.Kind.OTHER, "interrupted");
        } catch (Exception e) {
            // Whatever the client library throws: the next session may work.
            return BrokerError.of(e);
        }
    }

    private void connected(String sessionKind) {
        kind = Optional.of(sessionKind);
        LOG.atInfo()
                .addKeyValue("broker", opener.broker())
                .addKeyValue("log", sessionKind)
                .log("connected to the broker");
        logged = Optional.empty();
        sessions.increment();
    }

    private void logDisconnected(BrokerError why, Duration pause) {
        boolean isNew = !logged.equals(Optional.of(why.kind()));
        logged = Optional.of(why.kind());
        (isNew ? LOG.atWarn() : LOG.atDebug())
                .addKeyValue("broker", opener.broker())
                .addKeyValue("reason", why)
                .addKeyValue("nextAttemptIn", DurationText.of(pause))
                .log("not connected to the broker; retrying until it works");
    }

    /** Ends the session and waits for the thread, at most some seconds. Closing twice is fine. */
    @Override
    public void close() {
        Optional<BrokerSession> last;
        synchronized (this) {
            last = state.session();
            state = new State.Closed();
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
