package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes new files; tests put a disk that fails in its place. */
@FunctionalInterface
interface Disk {

    /** The real one. */
    Disk REAL = path -> FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);

    /** An empty file, open for writing. */
    FileChannel create(Path path) throws IOException;
}
