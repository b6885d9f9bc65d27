package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import io.jenkins.plugins.cvmfs.notify.steps.WaitState.OnTimeout;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running {@code waitForCvmfsRevision}: starts the wait, at first and after each restart, passes its progress to the build,
 * and ends the step exactly once.
 *
 * <p>{@link #begin} and {@link #resume} may block; {@link #stop}, {@link #record} and {@link #status} do not. Progress comes on
 * the client library's threads, one call at a time.
 */
final class RevisionWait {

    private final WaitState state;
    private final BuildHandle build;
    private final ConsoleLines console;
    private final Opener opener;
    private final Consumer<Ending> whenEnded;

    /** The replicas that were seen without the revision. */
    private final Set<String> seenWithout = ConcurrentHashMap.newKeySet();

    private @Nullable Wait open;
    private boolean over;
    private volatile @Nullable GateReport last;
    private volatile @Nullable String failure;

    /** @param whenEnded told how the wait ends, in place of the build, whose other waits may go on; not if it is stopped */
    RevisionWait(WaitState state, BuildHandle build, ConsoleLines console, Opener opener, Consumer<Ending> whenEnded) {
        this.state = state;
        this.build = build;
        this.console = console;
        this.opener = opener;
        this.whenEnded = whenEnded;
        note(state.snapshot());
    }

    /** Starts a wait of the client library. */
    @FunctionalInterface
    interface Opener {

        /**
         * Starts or resumes a wait. May block.
         *
         * @param server the server to subscribe to; empty to only poll the replicas or agents
         * @param known what is waited for, and what is known
         * @throws NotifyException if too many builds wait, or there is no token for the server
         */
        Wait open(Optional<ServerSettings> server, WaitState known, ProgressListener listener);
    }

    /** Starts the wait. Throws nothing: if it cannot start, the step fails. */
    void begin(ConfiguredSites sites) {
        orFail(() -> open(server(sites)));
    }

    /** Resumes the wait after a restart. If the server's credentials are gone, it goes on without the server. */
    void resume(ConfiguredSites sites) {
        orFail(() -> {
            try {
                open(server(sites));
            } catch (RefusedException e) {
                open(withoutServer(e.getMessage()));
            }
        });
    }

    private void orFail(Runnable opening) {
        try {
            opening.run();
        } catch (NotifyException e) {
            end(new Ending.Failure(e.getMessage(), e));
        } catch (RuntimeException | Error e) {
            end(new Ending.Failure("the wait failed: " + e, e));
        }
    }

    private void open(Optional<ServerSettings> server) {
        Wait opened = opener.open(server, state, this::progress);
        boolean stopped;
        synchronized (this) {
            stopped = over;
            open = stopped ? null : opened;
        }
        if (stopped) {
            opened.cancel();
        } else {
            var unused = opened.result().whenComplete(this::finish);
        }
    }

    /** A server that is not configured any more does not end the wait: polling the replicas is enough. */
    private Optional<ServerSettings> server(ConfiguredSites sites) {
        try {
            Optional<ServerSettings> server =
                    sites.server(state.server(), state.snapshot().condition().repository());
            return server.isPresent() ? server : withoutServer("none is configured under Manage Jenkins > System");
        } catch (InvalidInputException e) {
            return withoutServer(e.getMessage());
        }
    }

    private Optional<ServerSettings> withoutServer(String reason) {
        build.log(ConsoleLines.named(
                state.snapshot().condition().repository().value(),
                "waiting without a notification server, the %s are polled: %s"
                        .formatted(state.snapshot().condition().noun(), reason)));
        return Optional.empty();
    }

    private synchronized boolean isOver() {
        return over;
    }

    private synchronized @Nullable Wait current() {
        return open;
    }

    private void progress(String line) {
        Wait current = current();
        if (current != null) {
            GateSnapshot snapshot = current.snapshot();
            state.update(snapshot);
            note(snapshot);
        }
        console.add(localTime(line));
        if (current != null) {
            build.save();
        }
    }

    /** The library writes the deadline in UTC. */
    private String localTime(String line) {
        Instant deadline = state.snapshot().condition().deadline();
        return line.replace(deadline.truncatedTo(ChronoUnit.SECONDS).toString(), StepRecord.time(deadline));
    }

    private void note(GateSnapshot snapshot) {
        snapshot.replicas().stream()
                .filter(replica -> replica.served() != null && !replica.counts())
                .forEach(replica -> seenWithout.add(replica.replica().name()));
    }

    /** Also called with a failure if Jenkins shuts down; the build then ignores it. */
    private void finish(@Nullable GateReport report, @Nullable Throwable failure) {
        last = report;
        Ending ending;
        try {
            if (!isOver() && report != null) {
                console.end(report);
            } else if (!isOver()) {
                // Jenkins shuts down: what was seen last is not seen again after the restart.
                endConsole();
            }
            ending = report == null
                    ? new Ending.Failure("the wait failed: " + failure, failure)
                    : ending(report, state.onTimeout());
        } catch (RuntimeException | Error e) {
            // Whatever is wrong with the report: the build must not wait forever.
            ending = new Ending.Failure("the wait failed: " + e, e);
        }
        end(ending);
    }

    /** Writes what was seen and is not written yet. May block. */
    void endConsole() {
        console.end();
    }

    private void end(Ending ending) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        if (last == null && ending instanceof Ending.Failure failed) {
            failure = failed.reason();
        }
        whenEnded.accept(ending);
    }

    /** Returns what the outcome means for the build. */
    static Ending ending(GateReport report, OnTimeout onTimeout) {
        ReachedRevision value = new ReachedRevision(report);
        Condition condition = report.condition();
        if (report.outcome() == GateOutcome.REACHED) {
            return new Ending.Success(value);
        }
        if (report.outcome() == GateOutcome.STALE) {
            return condition.onStale() == StalePolicy.SKIP
                    ? new Ending.Success(value)
                    : new Ending.Failure("%s was withdrawn: %s".formatted(condition, report.missing()), null);
        }
        String reason = "timed out waiting for %s: %s".formatted(condition, report.missing());
        return switch (onTimeout) {
            case FAIL -> new Ending.Failure(reason, null);
            case UNSTABLE -> new Ending.Unstable(value, reason);
            case CONTINUE -> new Ending.Success(value);
        };
    }

    /** Cancels the wait without telling the build. May be called at any time, also before it has begun, and again. */
    void stop() {
        Wait current;
        synchronized (this) {
            over = true;
            current = open;
        }
        console.stop();
        if (current != null) {
            current.cancel();
        }
    }

    /** Returns the present state, for the build's page. */
    WaitRecord record(Instant now) {
        Wait current = current();
        GateReport ended = last;
        GateReport report =
                ended != null ? ended : current == null ? state.snapshot().report(now) : current.report();
        String problem = failure;
        State how = problem == null ? state(report) : State.FAILED;
        Instant startedAt = state.snapshot().startedAt();
        return new WaitRecord(
                report,
                how,
                problem == null ? report.missing() : problem,
                current == null ? "" : current.link().toString(),
                seenWithout,
                startedAt,
                how == State.RUNNING ? null : startedAt.plus(report.waited()));
    }

    private static State state(GateReport report) {
        GateOutcome outcome = report.outcome();
        if (outcome == null) {
            return State.RUNNING;
        }
        return switch (outcome) {
            case REACHED -> State.DONE;
            case TIMED_OUT -> State.TIMED_OUT;
            case STALE -> State.WITHDRAWN;
        };
    }

    String status() {
        Wait current = current();
        if (current == null) {
            return "starting to wait for " + state.snapshot().condition();
        }
        GateReport report = current.report();
        return "waiting for %s: %s".formatted(report.condition(), report.missing());
    }
}
