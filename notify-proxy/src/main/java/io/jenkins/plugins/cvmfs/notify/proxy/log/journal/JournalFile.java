package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Scan;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in one file: a header, then records, appended. It is rewritten before the first append, after a write that
 * failed, and when it has grown to several times what it needs to hold: into a second file, which is moved over the first once
 * it is whole and on disk. Used by one thread at a time; every method may block on the disk.
 */
final class JournalFile implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);

    /** Below this size a file is not worth rewriting. */
    private static final long SMALL_BYTES = 4L * 1024 * 1024;

    private static final int GROWTH = 4;

    /** A file is read by mapping it, which takes no more than 2 GiB: it is rewritten before it is that long. */
    private static final long LONGEST_BYTES = Integer.MAX_VALUE - 256L * 1024 * 1024;

    /** The need to rewrite the file. */
    enum RewriteNeed {
        /** No. */
        NO,
        /** It holds much that is not needed. */
        SHOULD,
        /** Before anything can be appended: it has just been opened, or the last write failed and left unknown bytes. */
        MUST
    }

    /** Creates files and syncs folders; tests replace it by a disk that fails. */
    @FunctionalInterface
    interface Disk {

        /** The real one. */
        Disk REAL = path -> FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);

        /** Creates an empty file and opens it for writing. */
        FileChannel create(Path path) throws IOException;

        /** Makes a rename in a folder survive a crash of the machine. */
        default void sync(FileChannel folder) throws IOException {
            folder.force(true);
        }
    }

    private final StateDirectory folder;
    private final Disk disk;
    private @Nullable FileChannel appendable;
    private long bytes;
    private long grownBytes = Long.MAX_VALUE;

    /** @param folder closed when the journal is closed, or cannot be read */
    JournalFile(StateDirectory folder, Disk disk) {
        this.folder = folder;
        this.disk = disk;
    }

    /**
     * Opens the journal of a folder; both belong to this process alone until it is closed.
     *
     * @throws PermanentFailureException if the folder cannot be used, or another proxy uses it
     */
    static JournalFile open(Path folder) {
        return new JournalFile(StateDirectory.acquire(folder), Disk.REAL);
    }

    /**
     * Reads what was kept. Called once, before anything else; keeps none of it in memory.
     *
     * @param oldestFirst takes every record in the order of the file
     * @return the epoch and next offset to continue with
     * @throws PermanentFailureException if there is a file that cannot be read; it is then closed
     */
    Header recover(Consumer<JournalRecord> oldestFirst) {
        try {
            Scan found = scan(folder.journal(), oldestFirst);
            if (found.isDamaged()) {
                link(folder.damagedJournal());
            }
            report(found, folder);
            return found.header();
        } catch (IOException e) {
            folder.close();
            throw new PermanentFailureException(
                    "journal " + folder.journal() + " cannot be read: " + FileProblem.reason(e), e);
        }
    }

    /** The file is only ever appended to, so that a second name for it becomes a copy as soon as it is rewritten. */
    private void link(Path copy) throws IOException {
        Files.deleteIfExists(copy);
        Files.createLink(copy, folder.journal());
    }

    /** Keeps what is there now beside the journal, for an operator, in place of an earlier copy; returns where. */
    Path keepCopy() throws IOException {
        link(folder.fullJournal());
        return folder.fullJournal();
    }

    private static Scan scan(Path path, Consumer<JournalRecord> oldestFirst) throws IOException {
        if (!Files.exists(path)) {
            return Scan.of(ByteBuffer.allocate(0), oldestFirst);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException("it has %d bytes, readable are %d".formatted(channel.size(), Integer.MAX_VALUE));
            }
            return Scan.of(channel.map(MapMode.READ_ONLY, 0, channel.size()), oldestFirst);
        }
    }

    private static void report(Scan found, StateDirectory folder) {
        if (found.isDamaged()) {
            LOG.atError()
                    .addKeyValue("journal", folder.journal())
                    .addKeyValue("copy", folder.damagedJournal())
                    .addKeyValue("damagedBytes", found.damagedBytes())
                    .addKeyValue("rejectedRecords", found.rejected())
                    .addKeyValue("readableRecords", found.readable())
                    .log(
                            "journal is damaged; its readable records are used, some repositories may show an older revision");
        } else if (found.tornBytes() > 0) {
            LOG.atWarn()
                    .addKeyValue("journal", folder.journal())
                    .addKeyValue("unfinishedBytes", found.tornBytes())
                    .log("journal ends in an unfinished write, which was not acknowledged and is ignored");
        }
    }

    /**
     * Adds records.
     *
     * @param force whether they must survive a crash of the machine once this returns
     * @throws IOException if they are not known to be in the file
     */
    void append(List<? extends JournalRecord> records, boolean force) throws IOException {
        FileChannel file = appendable;
        if (file == null) {
            throw new IOException(folder.journal() + " must be rewritten first");
        }
        try {
            bytes += writeFully(file, JournalFormat.encode(records));
            if (force) {
                file.force(false);
            }
        } catch (IOException e) {
            abandonFile();
            throw e;
        }
    }

    /** Nothing is appended before the journal is rewritten. */
    private void abandonFile() throws IOException {
        FileChannel file = appendable;
        appendable = null;
        if (file != null) {
            file.close();
        }
    }

    /** Tells whether {@link #rewrite} should or must be called before the next {@link #append}. */
    RewriteNeed rewriteNeed() {
        if (appendable == null || bytes > LONGEST_BYTES) {
            return RewriteNeed.MUST;
        }
        return bytes > grownBytes ? RewriteNeed.SHOULD : RewriteNeed.NO;
    }

    /**
     * Replaces everything by these records in one step: a crash leaves the old file or the new one.
     *
     * @throws IOException if it could not. Either the old file is still in use, or it may no longer be the journal: then {@link
     *     #rewriteNeed} is {@link RewriteNeed#MUST}
     */
    void rewrite(Header header, List<? extends JournalRecord> records) throws IOException {
        // Should this fail, the next attempt comes after as much growth again.
        grownBytes = 2 * bytes;
        FileChannel whole = disk.create(folder.unfinishedJournal());
        try {
            writeWhole(whole, header, records);
            // From here on the old file may have no name: what is appended to it would be gone with the process.
            abandonFile();
            Files.move(folder.unfinishedJournal(), folder.journal(), StandardCopyOption.ATOMIC_MOVE);
            folder.sync(disk);
        } catch (IOException e) {
            whole.close();
            throw e;
        }
        appendable = whole;
        bytes = whole.size();
        grownBytes = Math.max(SMALL_BYTES, GROWTH * bytes);
    }

    private static void writeWhole(FileChannel file, Header header, List<? extends JournalRecord> records)
            throws IOException {
        writeFully(file, header.encode());
        for (JournalRecord each : records) {
            writeFully(file, JournalFormat.encode(List.of(each)));
        }
        file.force(true);
    }

    private static int writeFully(FileChannel file, ByteBuffer buffer) throws IOException {
        int length = buffer.remaining();
        while (buffer.hasRemaining()) {
            file.write(buffer);
        }
        return length;
    }

    /** The length of the file. */
    long bytes() {
        return bytes;
    }

    /** Describes where it is, for an operator. */
    String describe() {
        return "journal " + folder.journal();
    }

    @Override
    public void close() throws IOException {
        try (folder) {
            if (appendable != null) {
                appendable.close();
            }
        }
    }
}
