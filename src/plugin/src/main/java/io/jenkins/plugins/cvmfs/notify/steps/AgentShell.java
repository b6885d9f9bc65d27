package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.EnvVars;
import hudson.FilePath;
import hudson.Launcher;
import hudson.model.TaskListener;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.durabletask.BourneShellScript;
import org.jenkinsci.plugins.durabletask.Controller;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commands of a transaction on the agent of the build, each once: in processes that go on while Jenkins restarts or the
 * agent is disconnected. Everything blocks, but not for long: an agent that does not answer must not keep the thread.
 */
final class AgentShell {

    private static final Logger LOGGER = Logger.getLogger(AgentShell.class.getName());

    private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

    private final StepContext context;
    private final TransactionState state;
    private final BuildHandle build;
    private final Duration limit;
    private boolean repeated;

    AgentShell(StepContext context, TransactionState state, BuildHandle build) {
        this(context, state, build, CALL_LIMIT);
    }

    /** @param limit the longest time for one call */
    AgentShell(StepContext context, TransactionState state, BuildHandle build, Duration limit) {
        this.limit = limit;
        this.context = context;
        this.state = state;
        this.build = build;
    }

    /**
     * Starts the command of the present phase unless it runs already, and copies its new output to the build log.
     *
     * @return its exit status; negative if its end is not known, null while it runs
     * @throws TransientFailureException if the agent cannot be reached now, or does not answer in time
     */
    @Nullable
    Integer look() {
        return onAgent((workspace, launcher, log) -> {
            Controller process = state.process() instanceof Controller known ? known : launch(workspace, launcher, log);
            process.writeLog(workspace, log.getLogger());
            Integer exit = process.exitStatus(workspace, launcher, log);
            if (exit != null && exit < 0 && !repeated) {
                // The files of the process are gone or it was killed; those of its command may know how it ended.
                repeated = true;
                launch(workspace, launcher, log);
                return null;
            }
            if (exit != null) {
                repeated = false;
                process.writeLog(workspace, log.getLogger());
                process.cleanup(workspace);
            }
            return exit;
        });
    }

    private Controller launch(FilePath workspace, Launcher launcher, TaskListener log)
            throws IOException, InterruptedException {
        Controller process =
                new BourneShellScript(script()).launch(context.get(EnvVars.class), workspace, launcher, log);
        // Should Jenkins die before this is saved, the command is found by its name afterwards.
        state.started(process);
        build.save();
        return process;
    }

    /** Stops the command that runs. */
    void kill() {
        var unused = onAgent((workspace, launcher, log) -> {
            if (state.process() instanceof Controller process) {
                process.stop(workspace, launcher);
            }
            return null;
        });
    }

    /** Removes what the commands left on the agent, if it can be reached. */
    void cleanUp() {
        try {
            var unused = onAgent((workspace, launcher, log) -> {
                workspace.sibling(workspace.getName() + "@tmp/" + folder()).deleteRecursive();
                return null;
            });
        } catch (TransientFailureException e) {
            LOGGER.log(Level.FINE, e, () -> "cannot clean up after a transaction in " + context);
        }
    }

    private String folder() {
        return "cvmfs-transaction-" + state.id();
    }

    /**
     * Returns a script that runs the command only if no run before it began it, and else waits for the end of that. The process of
     * that is known by its start as well as by its number, which another process may have by now.
     */
    String script() {
        return """
                #!/bin/sh
                run="$PWD@tmp/%s/%s"
                start_of() {
                  { cat /proc/sys/kernel/random/boot_id; sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; } 2>/dev/null
                }
                runs() {
                  pid=$(cat "$run/pid" 2>/dev/null)
                  kill -0 "$pid" 2>/dev/null || return 1
                  [ ! -s "$run/start" ] || [ "$(start_of "$pid")" = "$(cat "$run/start")" ]
                }
                mkdir -p "${run%%/*}"
                if mkdir "$run" 2>/dev/null; then
                  start_of $$ > "$run/start"
                  echo $$ > "$run/pid"
                %s
                  echo $status > "$run/new" && mv "$run/new" "$run/status"
                  exit $status
                fi
                while [ ! -e "$run/status" ]; do
                  runs || { sleep 2; [ -e "$run/status" ] || runs || exit %d; }
                  sleep 1
                done
                exit "$(cat "$run/status")"
                """.formatted(folder(), state.commandName(), state.command(), TransactionState.Exit.LOST);
    }

    @FunctionalInterface
    private interface AgentTask {
        @Nullable
        Integer run(FilePath workspace, Launcher launcher, TaskListener log) throws IOException, InterruptedException;
    }

    private @Nullable Integer onAgent(AgentTask task) {
        Limit call = new Limit(limit);
        try (call) {
            FilePath workspace = context.get(FilePath.class);
            Launcher launcher = context.get(Launcher.class);
            if (workspace == null || launcher == null) {
                throw new TransientFailureException("the agent %s is offline".formatted(state.node()));
            }
            return task.run(workspace, launcher, context.get(TaskListener.class));
        } catch (IOException e) {
            throw unreachable(e);
        } catch (RuntimeException e) {
            // A connection that breaks while a call is under way is reported by an unchecked exception.
            throw e.getCause() instanceof IOException ? unreachable(e) : e;
        } catch (InterruptedException e) {
            if (call.isPassed()) {
                throw new TransientFailureException(
                        "no answer from the agent %s within %d s".formatted(state.node(), limit.toSeconds()), e);
            }
            Thread.currentThread().interrupt();
            throw new TransientFailureException("reaching the agent %s was interrupted".formatted(state.node()), e);
        }
    }

    /** Interrupts the thread that made it, unless it is closed in time. */
    private static final class Limit implements AutoCloseable {

        private final Thread thread = Thread.currentThread();
        private boolean closed;
        private boolean passed;

        Limit(Duration time) {
            CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(this::pass);
        }

        private synchronized void pass() {
            if (!closed) {
                passed = true;
                thread.interrupt();
            }
        }

        synchronized boolean isPassed() {
            return passed;
        }

        @Override
        public synchronized void close() {
            closed = true;
            if (passed) {
                // It may have come after the last call.
                var unused = Thread.interrupted();
            }
        }
    }

    private TransientFailureException unreachable(Exception cause) {
        return new TransientFailureException(
                "cannot reach the agent %s: %s".formatted(state.node(), cause.getMessage()), cause);
    }
}
