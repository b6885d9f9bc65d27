package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A file system of a few megabytes, in memory, which can be filled. Only root can mount it. */
final class SmallDisk implements AutoCloseable {

    private static final String SIZE = "size=32m";

    private final Path mount;

    private SmallDisk(Path mount) {
        this.mount = mount;
    }

    /** Mounts one on a new folder; empty if that is not possible here. */
    static Optional<SmallDisk> mount(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.empty();
        }
        try {
            Programs.run(List.of("mount", "-t", "tmpfs", "-o", SIZE, "cvmfs-notify-test", folder.toString()));
            return Optional.of(new SmallDisk(folder));
        } catch (IllegalStateException e) {
            Programs.announce("No disk is filled: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Writes until nothing more fits. */
    void fill() {
        byte[] zeros = new byte[64 * 1024];
        for (int length : new int[] {zeros.length, 1}) {
            try (OutputStream out = Files.newOutputStream(filler(length))) {
                while (true) {
                    out.write(zeros, 0, length);
                }
            } catch (IOException full) {
                // As wanted.
            }
        }
    }

    private Path filler(int length) {
        return mount.resolve("filler" + length);
    }

    /** Makes room again. */
    void empty() throws IOException {
        try (var files = Files.newDirectoryStream(mount, "filler*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /** Lets go of it even if a process still has a file open. */
    @Override
    public void close() {
        Programs.run(List.of("umount", "--lazy", mount.toString()));
    }
}
