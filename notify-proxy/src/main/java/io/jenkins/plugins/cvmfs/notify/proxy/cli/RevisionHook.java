package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs the user's command for each new revision: never two at once for one repository. A revision that arrives while the command runs
 * waits; a newer one replaces it, so that at most one waits for each repository.
 *
 * <p>The command is the user's shell text. Data from the network reaches it only through its environment, never as part of that text.
 * Its standard output goes to standard error: standard output belongs to {@code subscribe}.
 *
 * <p>Thread-safe; starts no threads of its own.
 */
final class RevisionHook implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RevisionHook.class);

    /** The exit code of a command that cannot be started, as in shells. */
    private static final int NOT_STARTED = 127;

    private final String command;
    private final Duration grace;
    private final Map<RepositoryName, Slot> slots = new HashMap<>();
    private boolean closed;

    /** The commands of one repository. */
    private static final class Slot {
        private @Nullable Process running;
        private @Nullable Run waiting;
    }

    private record Run(ActivityMessage message, CompletableFuture<Integer> done) {}

    /**
     * @param command for {@code /bin/sh -c}
     * @param grace the time between SIGTERM and SIGKILL
     */
    RevisionHook(String command, Duration grace) {
        this.command = command;
        this.grace = grace;
    }

    /**
     * Runs the command for this revision, now or after the running one.
     *
     * @return its exit code; cancelled if a newer revision replaced it, or the hook was closed before it started
     */
    synchronized CompletableFuture<Integer> offer(ActivityMessage message) {
        Run run = new Run(message, new CompletableFuture<>());
        Slot slot = slots.computeIfAbsent(message.repository(), name -> new Slot());
        if (closed) {
            run.done().cancel(false);
        } else if (slot.running == null) {
            start(slot, run);
        } else {
            skip(slot.waiting, "a newer revision replaces it");
            slot.waiting = run;
        }
        return run.done();
    }

    private void start(Slot slot, Run run) {
        try {
            Process process = builder(run.message()).start();
            slot.running = process;
            log(run, "command started");
            CompletableFuture<Void> unused = process.onExit().thenAccept(ended -> ended(slot, run, ended.exitValue()));
        } catch (IOException e) {
            LOG.atError().setCause(e).log("cannot start the command");
            run.done().complete(NOT_STARTED);
        }
    }

    private ProcessBuilder builder(ActivityMessage message) {
        ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", "-c", "exec >&2\n" + command))
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> environment = builder.environment();
        environment.remove(ServerOptions.TOKEN_VARIABLE);
        environment.putAll(Output.variables(
                message.repository(), message.revision(), message.manifest().rootCatalog()));
        return builder;
    }

    private void ended(Slot slot, Run run, int exitCode) {
        LOG.atLevel(exitCode == 0 ? Level.INFO : Level.WARN)
                .addKeyValue("repository", run.message().repository())
                .addKeyValue("revision", run.message().revision())
                .addKeyValue("exitCode", exitCode)
                .log("command ended");
        synchronized (this) {
            slot.running = null;
            Run next = slot.waiting;
            slot.waiting = null;
            if (next != null && closed) {
                skip(next, "stopping");
            } else if (next != null) {
                start(slot, next);
            }
        }
        run.done().complete(exitCode);
    }

    private static void skip(@Nullable Run run, String reason) {
        if (run != null) {
            log(run, "command not run: " + reason);
            run.done().cancel(false);
        }
    }

    private static void log(Run run, String what) {
        LOG.atInfo()
                .addKeyValue("repository", run.message().repository())
                .addKeyValue("revision", run.message().revision())
                .log(what);
    }

    /** Sends SIGTERM to the running commands and their descendants, and SIGKILL after the grace. Starts no more commands. */
    @Override
    public void close() {
        List<Process> running;
        synchronized (this) {
            closed = true;
            running = slots.values().stream()
                    .flatMap(slot -> Stream.ofNullable(slot.running))
                    .toList();
        }
        List<ProcessHandle> all = running.stream()
                .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process.toHandle())))
                .toList();
        all.forEach(ProcessHandle::destroy);
        CompletableFuture<?>[] exits = all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(exits)
                .completeOnTimeout(null, grace.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
