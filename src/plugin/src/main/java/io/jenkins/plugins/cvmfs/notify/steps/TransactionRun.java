package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.TransactionRecord;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import io.jenkins.plugins.cvmfs.notify.steps.TransactionState.Exit;
import io.jenkins.plugins.cvmfs.notify.steps.TransactionState.Phase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running {@code cvmfsTransaction}: opens the transaction, lets the body run, publishes and announces; or aborts it, and ends
 * the step exactly once. What {@link TransactionState} holds is enough to go on after a restart, whatever was under way.
 *
 * <p>The work runs on threads that may block, one turn at a time; between turns no thread is held. {@link #stop}, {@link
 * #bodyEnded}, {@link #record} and {@link #status} do not block.
 */
final class TransactionRun {

    private static final Duration FIRST_LOOK = Duration.ofMillis(200);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
    /** How soon a stop is noticed. */
    private static final Duration BUSY_TICK = Duration.ofSeconds(1);

    /** The pause after a call in which the agent did not answer, in lengths of that call. */
    private static final int PAUSE_FACTOR = 4;

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private static final Duration BUSY_PAUSE = Duration.ofSeconds(10);
    /** For how long an agent is looked for before its transaction is given up. */
    private static final Duration AGENT_LIMIT = Duration.ofMinutes(1);

    private final TransactionState state;
    private final BuildHandle build;
    private final Surroundings surroundings;
    private final Executor threads;
    private final Clock clock;

    private Duration look = FIRST_LOOK;
    private Instant busyUntil = Instant.MIN;
    private @Nullable Instant unreachableSince;
    private boolean killed;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean stopped;
    private volatile boolean impatient;
    private volatile @Nullable PublishRun announcing;
    private volatile boolean over;
    /** True once the transaction may stay open, and the console has the command to run. */
    private volatile boolean leftOpen;

    private volatile @Nullable End ended;

    TransactionRun(
            TransactionState state, BuildHandle build, Surroundings surroundings, Executor threads, Clock clock) {
        this.state = state;
        this.build = build;
        this.surroundings = surroundings;
        this.threads = threads;
        this.clock = clock;
        this.stopped = state.failure() != null;
    }

    /** How the step ended, for the page of the build. */
    private record End(State state, String detail, Instant at) {}

    /** The agent, the body and the announcement. Everything may block but {@link #startBody} and {@link #cancelBody}. */
    interface Surroundings {

        /**
         * Starts the command of the present phase unless it runs already, and copies its output to the build log.
         *
         * @return its exit status; null while it runs
         * @throws TransientFailureException if the agent cannot be reached now
         */
        @Nullable
        Integer look();

        /** Stops the command that runs. */
        void kill();

        /** Starts the body of the step; {@link #bodyEnded} follows, perhaps after a restart. */
        void startBody();

        /** Ends the body with this cause, if it was started; {@link #bodyEnded} follows. */
        void cancelBody(Throwable cause);

        /** Prepares the announcement. */
        PublishRun announcement(PublishState announcement, Consumer<Ending> whenEnded);

        /** Begins or resumes an announcement. */
        void announce(PublishRun announcement);

        /**
         * Ends the step with an exception that came from elsewhere. Does not block.
         *
         * @param lastLine what the build log says before; null for nothing
         */
        void fail(Throwable cause, @Nullable String lastLine);
    }

    /** Begins, or goes on after a restart, unless the body has ended before. Does not block. */
    void begin() {
        if (begun.compareAndSet(false, true)) {
            turnIn(Duration.ZERO);
        }
    }

    /**
     * Goes on after the body.
     *
     * @param failure null if it succeeded
     */
    void bodyEnded(@Nullable Throwable failure) {
        begun.set(true);
        if (failure != null) {
            state.failed(failure);
        }
        goOn(failure == null && !stopped ? Phase.PUBLISHING : Phase.ABORTING);
    }

    private void goOn(Phase next) {
        state.enter(next, clock.instant());
        build.save();
        turnIn(Duration.ZERO);
    }

    /** Ends the step with this cause as soon as the transaction is closed, or if its agent cannot be reached. */
    void stop(Throwable cause) {
        if (state.phase() == Phase.BODY && state.isBodyStarted()) {
            // Only the body knows what it does with it.
            surroundings.cancelBody(cause);
            return;
        }
        impatient = stopped;
        // Before a turn sees that it is stopped, and ends with the cause.
        state.failed(cause);
        stopped = true;
        build.save();
        if (state.phase() == Phase.BODY) {
            // Its start is under way, and sees that it is stopped, or this sees the body.
            surroundings.cancelBody(cause);
        }
        PublishRun announcement = announcing;
        if (announcement != null) {
            announcement.stop();
            endUnannounced(cause);
        }
    }

    /** A turn belongs to a phase: the next phase has its own. */
    private void turnIn(Duration pause) {
        Phase phase = state.phase();
        Executor later = CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);
        later.execute(() -> {
            try {
                threads.execute(() -> guardedTurn(phase));
            } catch (RejectedExecutionException e) {
                fail(Ending.Failure.tooManySteps(e).reason(), e);
            }
        });
    }

    private void guardedTurn(Phase phase) {
        try {
            if (phase == state.phase()) {
                turn(phase);
            }
        } catch (RuntimeException | Error e) {
            if (phase == Phase.PUBLISHING) {
                abortAfter(reason(e));
            } else {
                failPerhapsOpen(reason(e), e);
            }
        }
    }

    private static String reason(Throwable failure) {
        return failure instanceof NotifyException known
                ? known.getMessage()
                : "the step failed unexpectedly: " + failure;
    }

    private void turn(Phase phase) {
        switch (phase) {
            case BODY -> body();
            case ANNOUNCING -> announce();
            default -> command();
        }
    }

    private void body() {
        if (state.isBodyStarted()) {
            return;
        }
        if (stopped) {
            goOn(Phase.ABORTING);
        } else {
            surroundings.startBody();
            Throwable cause = state.failure();
            if (stopped && cause != null) {
                surroundings.cancelBody(cause);
            }
        }
    }

    private void command() {
        if (state.phase() == Phase.OPENING && state.process() == null && stopped) {
            endWithFailure(State.ABORTED, "the step was stopped before it opened the transaction");
            return;
        }
        if (clock.instant().isBefore(busyUntil) && !stopped) {
            turnIn(BUSY_TICK);
            return;
        }
        Integer exit;
        Instant asked = clock.instant();
        try {
            if (stopped && !killed && state.phase() == Phase.PUBLISHING) {
                surroundings.kill();
                killed = true;
            }
            exit = surroundings.look();
            unreachableSince = null;
        } catch (TransientFailureException e) {
            unreachable(e, asked);
            return;
        }
        if (exit == null) {
            turnIn(look);
            look = shorter(look.multipliedBy(2), LONGEST_LOOK);
        } else {
            look = FIRST_LOOK;
            ended(exit);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** As for any other step, a command goes on while its agent is offline; only an end that waits for it has a limit. */
    private void unreachable(TransientFailureException problem, Instant asked) {
        Instant now = clock.instant();
        if (unreachableSince == null) {
            unreachableSince = now;
            build.log("%s; waiting for the agent".formatted(problem.getMessage()));
        }
        boolean ending = stopped || state.phase() == Phase.ABORTING;
        if (ending && (impatient || unreachableSince.plus(AGENT_LIMIT).isBefore(now))) {
            build.log(openPerhaps());
            endWithFailure(State.FAILED, "the agent was unreachable");
        } else {
            // Agents that do not answer must leave the threads to those that do.
            Duration pause = shorter(Duration.between(asked, now).multipliedBy(PAUSE_FACTOR), LONGEST_PAUSE);
            turnIn(ending ? BUSY_TICK : pause.compareTo(LONGEST_LOOK) < 0 ? LONGEST_LOOK : pause);
        }
    }

    private void ended(int exit) {
        switch (state.phase()) {
            case OPENING -> opened(exit);
            case PUBLISHING -> published(exit);
            default -> aborted(exit);
        }
    }

    private void opened(int exit) {
        if (exit == 0) {
            goOn(stopped ? Phase.ABORTING : Phase.BODY);
        } else if (stopped) {
            if (isLost(exit)) {
                build.log(openPerhaps());
            }
            endWithFailure(
                    isLost(exit) ? State.FAILED : State.ABORTED,
                    "the step was stopped while it opened the transaction");
        } else if (exit == Exit.BUSY || exit == Exit.OPEN_ALREADY) {
            busy(exit);
        } else if (isLost(exit)) {
            failPerhapsOpen(failureOf("transaction", exit), null);
        } else {
            fail(failureOf("transaction", exit), null);
        }
    }

    private static boolean isLost(int exit) {
        return exit < 0 || exit == Exit.LOST;
    }

    private String failureOf(String command, int exit) {
        return isLost(exit)
                ? "it is not known how cvmfs_server %s %s ended, perhaps because the machine was restarted"
                        .formatted(command, state.repository())
                : "cvmfs_server %s %s failed with exit status %d".formatted(command, state.repository(), exit);
    }

    private void busy(int exit) {
        String reason = exit == Exit.BUSY
                ? "%s is busy: another publisher has the lease".formatted(state.repository())
                : "a transaction of %s is open on %s already; if no publisher is at work there, discard it: %s"
                        .formatted(state.repository(), state.node(), abortCommand());
        Instant next = clock.instant().plus(BUSY_PAUSE);
        if (next.isAfter(state.leaseUntil())) {
            fail("gave up after %d attempts: %s".formatted(state.busy() + 1, reason), null);
            return;
        }
        if (state.busy() == 0) {
            build.log("%s; trying again until %s".formatted(reason, StepRecord.time(state.leaseUntil())));
        }
        state.wasBusy(clock.instant());
        build.save();
        busyUntil = next;
        turnIn(BUSY_TICK);
    }

    private void published(int exit) {
        Throwable failure = state.failure();
        if (exit == 0 && failure != null) {
            endUnannounced(failure);
        } else if (exit == 0) {
            goOn(Phase.ANNOUNCING);
        } else {
            abortAfter(failureOf("publish", exit));
        }
    }

    private void abortAfter(String reason) {
        state.failed(new PublishFailedException(reason));
        goOn(Phase.ABORTING);
    }

    private void aborted(int exit) {
        if (exit == 0) {
            build.log("the transaction of %s is aborted".formatted(state.repository()));
            endWithFailure(State.ABORTED, whyAborted());
        } else {
            String reason = failureOf("abort", exit);
            build.log("%s. %s".formatted(reason, openPerhaps()));
            endWithFailure(State.FAILED, reason);
        }
    }

    private void announce() {
        PublishState announcement = state.announcement(clock.instant(), CvmfsPublishNotifyStep.TIME_LIMIT);
        PublishRun run = surroundings.announcement(announcement, this::announced);
        announcing = run;
        Throwable failure = state.failure();
        if (failure != null) {
            run.stop();
            endUnannounced(failure);
        } else {
            surroundings.announce(run);
        }
    }

    private void announced(Ending ending) {
        if (ending instanceof Ending.Failure failure) {
            fail(
                    "%s is published, but not announced: %s".formatted(state.repository(), failure.reason()),
                    failure.cause());
        } else {
            end(State.DONE, "", () -> build.end(ending));
        }
    }

    private void fail(String reason, @Nullable Throwable cause) {
        end(State.FAILED, reason, () -> build.end(new Ending.Failure(reason, cause)));
    }

    private void failPerhapsOpen(String reason, @Nullable Throwable cause) {
        Ending.Failure failure = new Ending.Failure("%s. %s".formatted(reason, openPerhaps()), cause);
        end(State.FAILED, reason, () -> build.end(failure));
    }

    private void endWithFailure(State how, String detail) {
        Throwable failure = state.failure();
        if (failure instanceof PublishFailedException own) {
            end(how, detail, () -> build.end(new Ending.Failure(String.valueOf(own.getMessage()), null)));
        } else if (failure != null) {
            end(how, detail, () -> surroundings.fail(failure, null));
        }
    }

    /** The server may have the announcement all the same; to announce it again does no harm. */
    private void endUnannounced(Throwable cause) {
        String lastLine = "%s is published, but its announcement was stopped; announce it with cvmfsPublishNotify"
                .formatted(state.repository());
        end(State.FAILED, "it is published; its announcement was stopped", () -> surroundings.fail(cause, lastLine));
    }

    /** The messages of other failures stay in the console, where secrets are masked. */
    private String whyAborted() {
        return state.failure() instanceof PublishFailedException own
                ? String.valueOf(own.getMessage())
                : stopped ? "the step was stopped" : "the body failed or was stopped";
    }

    private void end(State how, String detail, Runnable ending) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        ended = new End(how, detail, clock.instant());
        ending.run();
    }

    private String abortCommand() {
        return "cvmfs_server abort -f " + state.repository();
    }

    /** Gives the command to run because the transaction may stay open. */
    private String openPerhaps() {
        leftOpen = true;
        return "The transaction of %s on %s may still be open; run there: %s"
                .formatted(state.repository(), state.node(), abortCommand());
    }

    /** Returns the present state, for the build's page. */
    TransactionRecord record() {
        End end = ended;
        return new TransactionRecord(
                state.repository(),
                end == null ? State.RUNNING : end.state(),
                end == null ? status() : end.detail(),
                state.node(),
                new TransactionRecord.Progress(stage(), state.since(), state.busy()),
                abortCommand(),
                end != null && leftOpen,
                state.startedAt(),
                state.leaseUntil(),
                end == null ? null : end.at());
    }

    private TransactionRecord.Stage stage() {
        return switch (state.phase()) {
            case OPENING ->
                state.busy() == 0 ? TransactionRecord.Stage.OPENING : TransactionRecord.Stage.WAITING_FOR_LEASE;
            case BODY -> TransactionRecord.Stage.BODY;
            case PUBLISHING -> TransactionRecord.Stage.PUBLISHING;
            case ANNOUNCING -> TransactionRecord.Stage.ANNOUNCING;
            case ABORTING -> TransactionRecord.Stage.ABORTING;
        };
    }

    String status() {
        PublishRun announcement = announcing;
        return switch (state.phase()) {
            case OPENING ->
                state.busy() == 0
                        ? "opening a transaction of " + state.repository()
                        : "waiting until %s is not busy".formatted(state.repository());
            case BODY -> "in a transaction of " + state.repository();
            case PUBLISHING -> "publishing " + state.repository();
            case ANNOUNCING -> announcement == null ? "announcing " + state.repository() : announcement.status();
            case ABORTING -> "aborting the transaction of " + state.repository();
        };
    }

    /** The reason why the step fails after it has aborted the transaction. */
    private static final class PublishFailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        PublishFailedException(String message) {
            super(message);
        }
    }
}
