package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.remoting.VirtualChannel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import jenkins.MasterToSlaveFileCallable;

/** Runs on the agent and reads one small file that must really lie in the workspace, wherever links lead. */
final class WorkspaceFile extends MasterToSlaveFileCallable<byte[]> {

    private static final long serialVersionUID = 1L;

    private static final int MAX_BYTES = 64 * 1024;

    private final String path;

    WorkspaceFile(String path) {
        this.path = path;
    }

    @Override
    public byte[] invoke(File workspace, VirtualChannel channel) throws IOException {
        return read(workspace.toPath());
    }

    byte[] read(Path workspace) throws IOException {
        Path root = workspace.toRealPath();
        Path file = root.resolve(path).toRealPath();
        if (!file.startsWith(root)) {
            throw new IOException("'%s' is not in the workspace".formatted(path));
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("'%s' is longer than %d bytes".formatted(path, MAX_BYTES));
            }
            return bytes;
        }
    }
}
