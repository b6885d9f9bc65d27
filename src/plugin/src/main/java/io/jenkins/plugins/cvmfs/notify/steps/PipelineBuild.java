package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.AbortException;
import hudson.FilePath;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.actions.WarningAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.support.actions.PauseAction;
import org.jspecify.annotations.Nullable;

/**
 * The build side of a step, as Pipeline has it. Its methods may block, for reading and writing files of the build; call {@link
 * #whenAbleToBlock} from Pipeline's own threads.
 */
final class PipelineBuild implements BuildSide {

    private static final Logger LOGGER = Logger.getLogger(PipelineBuild.class.getName());

    /** An agent that does not answer for so long hangs, or its network does. */
    private static final Duration AGENT_LIMIT = Duration.ofSeconds(60);

    private final StepContext context;
    private final BooleanSupplier goesDown;
    private final Executor threads;
    private final Function<String, Exception> failure;

    /**
     * @param goesDown whether Jenkins goes down now
     * @param threads where the step may block
     */
    PipelineBuild(StepContext context, BooleanSupplier goesDown, Executor threads) {
        this(context, goesDown, threads, AbortException::new);
    }

    /** @param failure makes what Pipeline is told of a failure; tests without Jenkins cannot make its exceptions */
    PipelineBuild(
            StepContext context, BooleanSupplier goesDown, Executor threads, Function<String, Exception> failure) {
        this.context = context;
        this.goesDown = goesDown;
        this.threads = threads;
        this.failure = failure;
    }

    /** Runs the task where it may block; the step fails if the task does, or if too many wait already. */
    void whenAbleToBlock(Runnable task) {
        try {
            threads.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    end(new Ending.Failure("it broke off: " + e, e));
                }
            });
        } catch (RejectedExecutionException e) {
            fail("too many steps begin or end at this moment", e);
        }
    }

    /**
     * Ends the step with the cause of its abortion, whatever else goes wrong.
     *
     * @param stopping stops what is under way, without blocking
     * @param tidying what is left to do where it may block; left undone if there is no room for it
     */
    void abort(Throwable cause, Runnable stopping, Runnable tidying) {
        attempt(stopping);
        attempt(() -> threads.execute(() -> attempt(tidying)));
        context.onFailure(cause);
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOGGER.log(Level.WARNING, e, () -> "an aborted step left something undone in " + context);
        }
    }

    /** The build itself. */
    Run<?, ?> run() {
        return get(Run.class);
    }

    /** Shows the step as paused, if that can be shown. Again: does nothing. */
    void pause(String cause) {
        show("the pause cannot be shown", node -> {
            if (!PauseAction.isPaused(node)) {
                node.addAction(new PauseAction(cause));
            }
        });
    }

    /** Shows the step as paused no longer. */
    void resume() {
        show("the pause cannot be ended", node -> {
            if (PauseAction.isPaused(node)) {
                PauseAction.endCurrentPause(node);
            }
        });
    }

    /** What is only shown must neither end a step nor keep it from ending. */
    private void show(String problem, NodeChange change) {
        try {
            change.apply(get(FlowNode.class));
        } catch (IOException | RuntimeException e) {
            LOGGER.log(Level.FINE, e, () -> problem + " in " + context);
        }
    }

    @FunctionalInterface
    private interface NodeChange {
        void apply(FlowNode node) throws IOException;
    }

    /**
     * Reads a file of the workspace, on its agent.
     *
     * @throws InvalidInputException if there is no workspace, or no such file in it, or it is too long
     * @throws TransientFailureException if the agent is away, as it is for a while after a restart, or does not answer
     */
    byte[] workspaceFile(String path) {
        Future<WorkspaceFile.Answer> asked = null;
        try {
            FilePath workspace = context.get(FilePath.class);
            if (workspace == null) {
                throw new InvalidInputException("manifestFile: needs a workspace; put the step into a node block");
            }
            asked = workspace.actAsync(new WorkspaceFile(path));
            WorkspaceFile.Answer answer = asked.get(AGENT_LIMIT.toSeconds(), TimeUnit.SECONDS);
            byte[] bytes = answer.bytes();
            if (bytes == null) {
                throw new InvalidInputException("manifestFile: " + answer.problem());
            }
            return bytes;
        } catch (IOException | ExecutionException e) {
            throw new TransientFailureException("manifestFile: the agent cannot be asked: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new TransientFailureException(
                    "manifestFile: the agent does not answer within %d s".formatted(AGENT_LIMIT.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("reading the workspace was interrupted", e);
        } finally {
            if (asked != null) {
                // Nobody waits for it any more; the agent need not either. Does nothing to an answer that has come.
                asked.cancel(true);
            }
        }
    }

    @Override
    public void log(String line) {
        get(TaskListener.class).getLogger().println(line);
    }

    @Override
    public void save() {
        var unused = context.saveState();
    }

    @Override
    public void end(Ending ending) {
        try {
            conclude(ending);
        } catch (RuntimeException | Error e) {
            // Whatever cannot be read or written: the pipeline must not wait for ever.
            fail("the step could not end as it should: " + e, e);
        }
    }

    private void conclude(Ending ending) {
        if (!goesDown.getAsBoolean()) {
            resume();
        }
        if (ending instanceof Ending.Success success) {
            context.onSuccess(success.value());
        } else if (ending instanceof Ending.Unstable unstable) {
            get(FlowNode.class).addOrReplaceAction(new WarningAction(Result.UNSTABLE).withMessage(unstable.reason()));
            run().setResult(Result.UNSTABLE);
            log("unstable: " + unstable.reason());
            context.onSuccess(unstable.value());
        } else if (ending instanceof Ending.Failure failure) {
            fail(failure.reason(), failure.cause());
        }
    }

    /** While Jenkins goes down nothing fails for good: the step goes on after the restart. */
    private void fail(String reason, @Nullable Throwable cause) {
        if (goesDown.getAsBoolean()) {
            LOGGER.log(Level.FINE, cause, () -> reason);
        } else {
            // What the library foresees is told to the user; of the rest an administrator wants to know where it comes
            // from.
            boolean foreseen = cause == null || cause instanceof NotifyException;
            LOGGER.log(foreseen ? Level.FINE : Level.WARNING, cause, () -> reason);
            context.onFailure(failure.apply(reason));
        }
    }

    private <T> T get(Class<T> type) {
        try {
            return context.get(type);
        } catch (IOException e) {
            throw new TransientFailureException("the build cannot be loaded: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("loading the build was interrupted", e);
        }
    }
}
