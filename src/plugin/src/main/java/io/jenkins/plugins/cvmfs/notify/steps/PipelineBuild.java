package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.AbortException;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.actions.LabelAction;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.support.actions.PauseAction;
import org.jspecify.annotations.Nullable;

/**
 * The build of one step, in a Pipeline. The methods read and write files of the build, so they may block, except for {@link
 * #whenAbleToBlock} and {@link #abort}, which Pipeline's own threads call.
 */
final class PipelineBuild implements BuildHandle {

    private static final Logger LOGGER = Logger.getLogger(PipelineBuild.class.getName());
    private static final Duration LONGEST_CLEAN_UP = Duration.ofSeconds(5);

    private final StepContext context;
    private final BooleanSupplier shuttingDown;
    private final Supplier<Optional<String>> leavingPlugin;
    private final Executor threads;
    private final Consumer<PipelineBuild> cleanUp;
    private final Function<String, Exception> failure;

    /** Completes once the pause is shown; an abort that overtook it would change the files of a build that is over. */
    private CompletableFuture<Void> pauseShown = CompletableFuture.completedFuture(null);

    private boolean aborted;

    /** Asked for once: Pipeline does not tell them to a step whose build is over. */
    private volatile @Nullable Run<?, ?> run;

    private volatile @Nullable String nodeId;

    /**
     * @param shuttingDown returns true while Jenkins shuts down, and after
     * @param threads where the step may block
     * @param cleanUp called there when the step ends, not if it is to be resumed after a restart
     */
    PipelineBuild(
            StepContext context, BooleanSupplier shuttingDown, Executor threads, Consumer<PipelineBuild> cleanUp) {
        this(context, shuttingDown, JenkinsNetwork::leavingPlugin, threads, cleanUp, AbortException::new);
    }

    /**
     * The same with what otherwise Jenkins gives, for tests without it.
     *
     * @param leavingPlugin names the plugin without which Jenkins will start again, if this plugin is gone then
     * @param failure makes the exception for Pipeline: Jenkins' own cannot be made without Jenkins
     */
    PipelineBuild(
            StepContext context,
            BooleanSupplier shuttingDown,
            Supplier<Optional<String>> leavingPlugin,
            Executor threads,
            Consumer<PipelineBuild> cleanUp,
            Function<String, Exception> failure) {
        this.context = context;
        this.shuttingDown = shuttingDown;
        this.leavingPlugin = leavingPlugin;
        this.threads = threads;
        this.cleanUp = cleanUp;
        this.failure = failure;
    }

    /**
     * Runs the task where it may block, unless the step was aborted before. The step fails if the task does, or if too many tasks
     * are queued.
     *
     * @param pause the reason for showing the step as paused; null to show no pause
     */
    void whenAbleToBlock(@Nullable String pause, Runnable task) {
        CompletableFuture<Void> shown = new CompletableFuture<>();
        synchronized (this) {
            if (aborted) {
                return;
            }
            pauseShown = shown;
        }
        try {
            threads.execute(() -> {
                try {
                    if (pause != null && !isAborted()) {
                        showPause(pause);
                    }
                    shown.complete(null);
                    task.run();
                } catch (RuntimeException | Error e) {
                    shown.complete(null);
                    end(new Ending.Failure("the step failed unexpectedly: " + e, e));
                }
            });
        } catch (RejectedExecutionException e) {
            shown.complete(null);
            fail(Ending.Failure.tooManySteps(e));
        }
    }

    private synchronized boolean isAborted() {
        return aborted;
    }

    private synchronized CompletableFuture<Void> abortAfterPause() {
        aborted = true;
        return pauseShown;
    }

    /**
     * Ends the step with the cause of its abortion, whatever else fails: once its pause is no longer shown, or after some seconds
     * if the threads are busy.
     *
     * @param lastLine what the build log says before; null for nothing
     * @param stop stops the step's work without blocking
     */
    void abort(Throwable cause, @Nullable String lastLine, Runnable stop) {
        CompletableFuture<Void> shown = abortAfterPause();
        attempt(stop);
        var unused = shown.thenRunAsync(
                        () -> {
                            attempt(this::endPause);
                            if (lastLine != null) {
                                attempt(() -> log(lastLine));
                            }
                            attempt(() -> cleanUp.accept(this));
                        },
                        threads)
                .completeOnTimeout(null, LONGEST_CLEAN_UP.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, failed) -> context.onFailure(cause));
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOGGER.log(Level.WARNING, e, () -> "cannot clean up after a step in " + context);
        }
    }

    /** Ends a step whose build is over already. May block. */
    void leave() {
        attempt(() -> cleanUp.accept(this));
    }

    Run<?, ?> run() {
        Run<?, ?> known = run;
        if (known == null) {
            known = get(Run.class);
            run = known;
        }
        return known;
    }

    /** Returns the servers and repositories that the job may name. */
    ConfiguredSites sites() {
        return CvmfsNotifyConfiguration.get().sites(run().getParent());
    }

    private void showPause(String cause) {
        show(node -> {
            if (!PauseAction.isPaused(node)) {
                node.addAction(new PauseAction(cause));
            }
        });
    }

    private void endPause() {
        show(node -> {
            if (PauseAction.isPaused(node)) {
                PauseAction.endCurrentPause(node);
            }
        });
    }

    /** Names the step in views of the pipeline, if it can be shown and has no name already. */
    void label(String title) {
        show(node -> {
            if (node.getAction(LabelAction.class) == null) {
                node.addAction(new LabelAction(title));
            }
        });
    }

    /**
     * Shows the step on the page of the build, if that is possible.
     *
     * @param part 0, or the index of a part of the step that has an entry of its own
     */
    void follow(int part, Supplier<? extends StepRecord> step) {
        attempt(() -> CvmfsBuildAction.follow(run(), id(part), step));
    }

    /**
     * Saves the last state of the step with the build. While Jenkins shuts down nothing is saved: the step is resumed.
     *
     * @param part as in {@link #follow}
     * @param last null if it is not known
     */
    void ended(int part, @Nullable StepRecord last) {
        if (!shuttingDown.getAsBoolean()) {
            CvmfsBuildAction.ended(run(), id(part), last);
        }
    }

    private String id(int part) {
        String node = nodeId;
        if (node == null) {
            node = get(FlowNode.class).getId();
            nodeId = node;
        }
        return part == 0 ? node : node + "-" + part;
    }

    /** A page that cannot be written must neither end a step nor keep it from ending. */
    private void show(NodeChange change) {
        try {
            change.apply(get(FlowNode.class));
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.FINE, e, () -> "cannot show a step in " + context);
        }
    }

    @FunctionalInterface
    private interface NodeChange {
        void apply(FlowNode node) throws IOException;
    }

    @Override
    public void log(String line) {
        get(TaskListener.class).getLogger().println(line);
    }

    @Override
    public void later(Duration pause, Runnable task) {
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> {
                    try {
                        threads.execute(() -> attempt(task));
                    } catch (RejectedExecutionException e) {
                        if (!shuttingDown.getAsBoolean()) {
                            later(pause, task);
                        }
                    }
                });
    }

    @Override
    public void save() {
        var unused = context.saveState();
    }

    @Override
    public void announced(PublishedRevision revision) {
        try {
            AnnouncedRevisions.add(run(), revision);
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, e, () -> "cannot save what was announced in " + context);
        }
    }

    @Override
    public void end(Ending ending) {
        if (!isResumed(ending)) {
            // First, because the build may be over at once.
            attempt(() -> cleanUp.accept(this));
        }
        try {
            conclude(ending);
        } catch (RuntimeException | Error e) {
            // Whatever cannot be read or written: the pipeline must not wait forever.
            fail(new Ending.Failure("the step failed while it was ending: " + e, e));
        }
    }

    /** Returns true if the step goes on after a restart, with what it left on the agent, for example. */
    private boolean isResumed(Ending ending) {
        return ending instanceof Ending.Failure && shuttingDown.getAsBoolean();
    }

    private void conclude(Ending ending) {
        if (!shuttingDown.getAsBoolean()) {
            endPause();
        }
        if (ending instanceof Ending.Success success) {
            context.onSuccess(success.value());
        } else if (ending instanceof Ending.Unstable unstable) {
            get(FlowNode.class).addOrReplaceAction(new WarningAction(Result.UNSTABLE).withMessage(unstable.reason()));
            run().setResult(Result.UNSTABLE);
            log("unstable: " + unstable.reason());
            context.onSuccess(unstable.value());
        } else if (ending instanceof Ending.Failure failed) {
            fail(failed);
        }
    }

    private void fail(Ending.Failure failed) {
        Throwable cause = failed.cause();
        if (shuttingDown.getAsBoolean()) {
            LOGGER.log(Level.FINE, cause, failed::reason);
            attempt(this::warnOfMissingPlugin);
        } else {
            // The build log has the reason; an administrator needs the cause of what the library does not foresee.
            boolean foreseen = cause == null || cause instanceof NotifyException;
            LOGGER.log(foreseen ? Level.FINE : Level.WARNING, cause, failed::reason);
            context.onFailure(failure.apply(failed.reason()));
        }
    }

    /** Without the plugin's classes Pipeline ends the build after the restart with an error about a missing class. */
    private void warnOfMissingPlugin() {
        leavingPlugin
                .get()
                .ifPresent(plugin ->
                        log(plugin + " was disabled or removed, so this build fails when Jenkins has restarted;"
                                + " enable or install the plugin before, and the build goes on"));
    }

    private <T> T get(Class<T> type) {
        try {
            return context.get(type);
        } catch (IOException e) {
            throw new TransientFailureException("cannot load the build: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("loading the build was interrupted", e);
        }
    }
}
