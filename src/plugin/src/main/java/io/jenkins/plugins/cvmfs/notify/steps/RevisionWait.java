package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One {@code waitForCvmfsRevision} in progress: opens the gate, at first and after each restart, hands what happens to the build,
 * and ends the step exactly once.
 *
 * <p>{@link #begin} and {@link #resume} may block; {@link #stop} and {@link #status} do not. What the gate tells comes from the waiting room's
 * threads, one call at a time.
 */
final class RevisionWait implements StepInProgress {

    private final WaitState state;
    private final BuildSide build;
    private final WaitingRoomDoor door;

    private @Nullable Wait waiting;
    private boolean over;

    RevisionWait(WaitState state, BuildSide build, WaitingRoomDoor door) {
        this.state = state;
        this.build = build;
        this.door = door;
    }

    /** Begins to wait. Nothing is thrown: what goes wrong ends the step. */
    void begin(Directory directory) {
        orEnd(() -> open(server(directory)));
    }

    /** Goes on after a restart from what is known. As with a server, the wait does not end with credentials that are gone. */
    void resume(Directory directory) {
        orEnd(() -> {
            try {
                open(server(directory));
            } catch (RefusedException e) {
                open(none(e));
            }
        });
    }

    private void orEnd(Runnable opening) {
        try {
            opening.run();
        } catch (NotifyException e) {
            end(new Ending.Failure(String.valueOf(e.getMessage()), e));
        } catch (RuntimeException | Error e) {
            end(new Ending.Failure("the wait broke off: " + e, e));
        }
    }

    private void open(Optional<ServerSettings> server) {
        Wait opened = door.open(server, state.snapshot(), this::progress);
        if (adopt(opened)) {
            var unused = opened.result().whenComplete(this::finish);
        } else {
            opened.cancel();
        }
    }

    /** Without a server the replicas still tell the truth; so a server that was taken from the configuration ends nothing. */
    private Optional<ServerSettings> server(Directory directory) {
        try {
            return directory.server(state.server(), state.snapshot().condition().repository());
        } catch (InvalidInputException e) {
            return none(e);
        }
    }

    private Optional<ServerSettings> none(NotifyException reason) {
        build.log("waiting without a notification server: " + reason.getMessage());
        return Optional.empty();
    }

    private synchronized boolean adopt(Wait opened) {
        if (!over) {
            waiting = opened;
        }
        return !over;
    }

    private synchronized @Nullable Wait current() {
        return waiting;
    }

    private void progress(String line) {
        Wait current = current();
        if (current != null) {
            state.learn(current.snapshot());
        }
        build.log(line);
        if (current != null) {
            build.save();
        }
    }

    /** A gate that was cancelled was stopped, or Jenkins goes down; then the build does not count what fails. */
    private void finish(@Nullable GateReport report, @Nullable Throwable failure) {
        end(report == null ? new Ending.Failure("the wait broke off: " + failure, failure) : ending(report));
    }

    /** What cannot be made of the report must not leave the build waiting. */
    private Ending ending(GateReport report) {
        try {
            return ending(report, state.onTimeout());
        } catch (RuntimeException | Error e) {
            return new Ending.Failure("the wait broke off: " + e, e);
        }
    }

    private void end(Ending ending) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        build.end(ending);
    }

    /** What the outcome means for the build. */
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
        String reason = "%s was not reached in time: %s".formatted(condition, report.missing());
        return switch (onTimeout) {
            case FAIL -> new Ending.Failure(reason, null);
            case UNSTABLE -> new Ending.Unstable(value, reason);
            case CONTINUE -> new Ending.Success(value);
        };
    }

    @Override
    public void stop() {
        Wait open;
        synchronized (this) {
            over = true;
            open = waiting;
        }
        if (open != null) {
            open.cancel();
        }
    }

    /** Whether it has ended, in whatever way. */
    synchronized boolean isOver() {
        return over;
    }

    /** What is known, for the build's page; empty before the gate is open. */
    Optional<GateReport> report() {
        return Optional.ofNullable(current()).map(Wait::report);
    }

    @Override
    public String status() {
        return report().map(report -> "waiting for %s: %s".formatted(report.condition(), report.missing()))
                .orElseGet(() -> "about to wait for " + state.snapshot().condition());
    }
}
