package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.remoting.VirtualChannel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jenkins.MasterToSlaveFileCallable;
import org.jspecify.annotations.Nullable;

/**
 * Runs on the agent and reads one small file that must really lie in the workspace, wherever links lead. What is wrong with the
 * file is part of the answer, so that it can be told from an agent that is away.
 */
final class WorkspaceFile extends MasterToSlaveFileCallable<WorkspaceFile.Answer> {

    private static final long serialVersionUID = 1L;

    private static final int MAX_BYTES = 64 * 1024;

    private final String path;

    WorkspaceFile(String path) {
        this.path = path;
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
                return wrong("is not in the workspace");
            }
            // Anything else, such as a pipe, may block the agent for ever.
            return Files.isRegularFile(file) ? content(file) : wrong("is no file");
        } catch (NoSuchFileException e) {
            return wrong("is not there: " + e.getMessage());
        } catch (IOException | InvalidPathException e) {
            return wrong("cannot be read: " + e);
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

    /** Either the bytes or a sentence that says what is wrong. */
    static final class Answer implements Serializable {

        private static final long serialVersionUID = 1L;

        private final byte @Nullable [] bytes;
        private final @Nullable String problem;

        private Answer(byte @Nullable [] bytes, @Nullable String problem) {
            this.bytes = bytes;
            this.problem = problem;
        }

        /** Null if something is wrong. */
        byte @Nullable [] bytes() {
            return bytes;
        }

        /** Null if nothing is wrong. */
        @Nullable
        String problem() {
            return problem;
        }
    }
}
