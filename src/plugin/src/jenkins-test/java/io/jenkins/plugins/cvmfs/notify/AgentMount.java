package io.jenkins.plugins.cvmfs.notify;

import hudson.model.Slave;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import jenkins.security.MasterToSlaveCallable;
import org.junit.jupiter.api.Assumptions;

/** A scratch folder with the attributes of a mounted repository, where all agents of a test look for {@code /cvmfs}. */
final class AgentMount implements AutoCloseable {

    static final String PROPERTY = "io.jenkins.plugins.cvmfs.notify.mounts";

    private final Path root;

    AgentMount(Path folder) {
        this.root = folder.resolve(Site.REPOSITORY);
        System.setProperty(PROPERTY, folder.toString());
    }

    /** Serves this revision from now on; before, nothing is mounted. */
    void serve(long revision) throws IOException {
        Files.createDirectories(root);
        UserDefinedFileAttributeView attributes =
                Files.getFileAttributeView(root, UserDefinedFileAttributeView.class);
        try {
            attributes.write("fqrn", StandardCharsets.UTF_8.encode(Site.REPOSITORY));
            attributes.write("root_hash", StandardCharsets.UTF_8.encode("%040x".formatted(revision)));
            attributes.write("revision", StandardCharsets.UTF_8.encode(Long.toString(revision)));
        } catch (FileSystemException | UnsupportedOperationException e) {
            Assumptions.abort("this file system has no extended attributes: " + e);
        }
    }

    /** Adds a file or folder to the repository. */
    void add(String path) throws IOException {
        Files.createDirectories(root.resolve(path));
    }

    /** Stops the agent's process, which then answers nothing, or lets it go on. */
    static void signal(String signal, long process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process)).start().waitFor();
    }

    static long process(Slave agent) throws IOException, InterruptedException {
        return agent.getChannel().call(new Process());
    }

    private static final class Process extends MasterToSlaveCallable<Long, RuntimeException> {

        private static final long serialVersionUID = 1L;

        @Override
        public Long call() {
            return ProcessHandle.current().pid();
        }
    }

    @Override
    public void close() {
        System.clearProperty(PROPERTY);
    }
}
