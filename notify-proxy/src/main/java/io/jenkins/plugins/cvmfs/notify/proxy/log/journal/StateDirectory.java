package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of one proxy's journal. A lock on {@code activity.lock} keeps a second proxy out; it is released when the process ends, in
 * whatever way.
 */
final class StateDirectory implements Closeable {

    private final Path folder;
    /** Held open, so that a process without free file descriptors can still sync a rename. */
    private final FileChannel directory;

    private final FileChannel lock;

    private StateDirectory(Path folder, FileChannel directory, FileChannel lock) {
        this.folder = folder;
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Creates the folder if it does not exist, and locks it until {@link #close()}.
     *
     * @throws PermanentFailureException if it cannot be created or written, or another proxy holds it
     */
    static StateDirectory acquire(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    folder.resolve("activity.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(channel)) {
                channel.close();
                throw new PermanentFailureException("state folder " + folder
                        + " is in use by another notify-proxy; each proxy needs its own folder (--state-dir)");
            }
            return new StateDirectory(folder, FileChannel.open(folder, StandardOpenOption.READ), channel);
        } catch (IOException e) {
            throw new PermanentFailureException(
                    "state folder " + folder + " cannot be used: " + FileProblem.folderReason(e)
                            + "; the user that runs this must be able to write there",
                    e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            return false;
        }
    }

    Path journal() {
        return folder.resolve("activity.journal");
    }

    Path unfinishedJournal() {
        return folder.resolve("activity.journal.new");
    }

    Path fullJournal() {
        return folder.resolve("activity.journal.full");
    }

    Path damagedJournal() {
        return folder.resolve("activity.journal.damaged");
    }

    /** Makes a rename in the folder survive a crash of the machine. */
    void sync(JournalFile.Disk disk) throws IOException {
        disk.sync(directory);
    }

    /** Releases the lock. */
    @Override
    public void close() {
        try (lock) {
            directory.close();
        } catch (IOException e) {
            throw new PermanentFailureException(
                    "state folder " + folder + " cannot be released: " + FileProblem.reason(e), e);
        }
    }
}
