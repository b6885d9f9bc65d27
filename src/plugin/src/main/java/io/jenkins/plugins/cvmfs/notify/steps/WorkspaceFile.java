package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.FilePath;
import hudson.remoting.VirtualChannel;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jenkins.MasterToSlaveFileCallable;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a small file of the build's workspace on its agent. The file must lie in the workspace, wherever links lead. A problem
 * with the file is part of the agent's answer, so that it differs from an agent that cannot be reached.
 */
final class WorkspaceFile extends MasterToSlaveFileCallable<WorkspaceFile.Answer> {

    private static final long serialVersionUID = 1L;

    private static final int MAX_BYTES = 64 * 1024;
    private static final Duration AGENT_LIMIT = Duration.ofSeconds(60);

    private final String path;

    WorkspaceFile(String path) {
        this.path = path;
    }

    /**
     * Asks the agent. Blocks.
     *
     * @throws InvalidInputException if there is no workspace, or no such file in it, or it is too long
     * @throws TransientFailureException if the agent is offline, as it is for a while after a restart, or does not answer
     */
    static byte[] read(StepContext context, String path) {
        Future<Answer> asked = null;
        try {
            FilePath workspace = context.get(FilePath.class);
            if (workspace == null) {
                throw new InvalidInputException("manifestFile: needs a workspace; put the step into a node block");
            }
            asked = workspace.actAsync(new WorkspaceFile(path));
            Answer answer = asked.get(AGENT_LIMIT.toSeconds(), TimeUnit.SECONDS);
            byte[] bytes = answer.bytes;
            if (bytes == null) {
                throw new InvalidInputException("manifestFile: " + answer.problem);
            }
            return bytes;
        } catch (IOException | ExecutionException e) {
            throw new TransientFailureException("manifestFile: cannot reach the agent: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new TransientFailureException(
                    "manifestFile: no answer from the agent within %d s".formatted(AGENT_LIMIT.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("manifestFile: reading was interrupted", e);
        } finally {
            if (asked != null) {
                // Stops the agent if its answer is not needed any longer.
                asked.cancel(true);
            }
        }
    }

    @Override
    public Answer invoke(File workspace, VirtualChannel channel) {
        return read(workspace.toPath());
    }

    Answer read(Path workspace) {
        try {
            Path root = workspace.toRealPath();
            Path file = root.resolve(path).toRealPath();
            if (!file.startsWith(root)) {
                return wrong("is outside the workspace");
            }
            // Anything else, such as a pipe, may block the agent forever.
            return Files.isRegularFile(file) ? content(file) : wrong("is not a regular file");
        } catch (NoSuchFileException e) {
            return wrong("does not exist: " + e.getMessage());
        } catch (IOException e) {
            return wrong("cannot be read: " + FileProblem.reason(e));
        } catch (InvalidPathException e) {
            return wrong("cannot be read: " + e.getMessage());
        }
    }

    private Answer content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            return bytes.length > MAX_BYTES
                    ? wrong("is longer than %d bytes".formatted(MAX_BYTES))
                    : new Answer(bytes, null);
        }
    }

    private Answer wrong(String problem) {
        return new Answer(null, "'%s' %s".formatted(path, problem));
    }

    /** Either the bytes, or a sentence that says what is wrong. */
    static final class Answer implements Serializable {

        private static final long serialVersionUID = 1L;

        /** Null if something is wrong. */
        final byte @Nullable [] bytes;

        /** Null if nothing is wrong. */
        final @Nullable String problem;

        private Answer(byte @Nullable [] bytes, @Nullable String problem) {
            this.bytes = bytes;
            this.problem = problem;
        }
    }
}
