package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A file system that loses what was not synced, as a machine does whose power fails: ext4 in an image file. What a program has written
 * without a sync is in the kernel's memory and not in the image, so a copy of the image is what a disk would have.
 *
 * <p>Needs root and loop devices. Sparse, so its size costs nothing.
 */
final class LosingDisk implements AutoCloseable {

    /** The kernel also writes by itself, every so many seconds; here only when a program asks. */
    private static final String MOUNT_OPTIONS = "loop,noatime,commit=300";

    private final Path image;
    private final Path mount;

    private LosingDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /**
     * Creates and mounts one.
     *
     * @param folder takes the image and the mount
     * @throws RuntimeException that skips the test if that is not possible here
     */
    static LosingDisk create(Path folder, int mebibytes) throws IOException {
        LosingDisk disk = new LosingDisk(folder.resolve("disk"), Files.createDirectory(folder.resolve("mount")));
        if (!System.getProperty("user.name").equals("root")) {
            Assumptions.abort("only root can mount the file system that loses what is not synced");
        }
        try {
            Programs.run(List.of("truncate", "--size", mebibytes + "M", disk.image.toString()));
            Programs.run(List.of("mkfs.ext4", "-q", "-F", disk.image.toString()));
            disk.mount();
        } catch (IllegalStateException e) {
            Assumptions.abort("no file system can be mounted from an image: " + e.getMessage());
        }
        return disk;
    }

    private void mount() {
        Programs.run(List.of("mount", "-o", MOUNT_OPTIONS, image.toString(), mount.toString()));
    }

    /** Lets go of it even if a process still has a file open. */
    private void unmount() {
        Programs.run(List.of("umount", "--lazy", mount.toString()));
    }

    /** The folder in it. */
    Path path() {
        return mount;
    }

    /** Makes everything durable that is in it now. */
    void sync() {
        Programs.run(List.of("sync", "--file-system", mount.toString()));
    }

    /** Copies what is durable now. Processes that write to it must be stopped while it does. */
    void cutPower() throws IOException {
        Programs.run(List.of("cp", "--sparse=always", image.toString(), image + ".cut"));
    }

    /** Shows what was durable at {@link #cutPower}; all processes with files in it must have ended. */
    void restorePower() throws IOException {
        unmount();
        Files.move(image.resolveSibling(image.getFileName() + ".cut"), image, StandardCopyOption.REPLACE_EXISTING);
        mount();
    }

    @Override
    public void close() throws IOException {
        unmount();
        Files.delete(image);
    }
}
