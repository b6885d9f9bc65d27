package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Creates files and syncs folders; tests put a disk that fails in its place. */
@FunctionalInterface
interface Disk {

    /** The real one. */
    Disk REAL = path -> FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);

    /** An empty file, open for writing. */
    FileChannel create(Path path) throws IOException;

    /** Makes a rename in a folder survive a crash of the machine. */
    default void sync(FileChannel folder) throws IOException {
        folder.force(true);
    }
}
