package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in one file: a header, then records, appended. It is written anew before the first append, after a write that
 * failed, and when it has grown to several times what it needs to hold: into a second file, which is moved over the first once
 * it is whole and on disk.
 */
final class JournalFile implements Journal {

    private static final Logger LOG = LoggerFactory.getLogger(JournalFile.class);

    /** Below this size a file is not worth writing anew. */
    private static final long SMALL_BYTES = 4L * 1024 * 1024;

    private static final int GROWTH = 4;

    /** A file is read by mapping it, which takes no more than 2 GiB: it is written anew before it is that long. */
    private static final long LONGEST_BYTES = Integer.MAX_VALUE - 256L * 1024 * 1024;

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
     * The journal of a folder; both are this process's alone until it is closed.
     *
     * @throws PermanentFailureException if the folder cannot be used, or another proxy uses it
     */
    static JournalFile open(Path folder) {
        return new JournalFile(StateDirectory.acquire(folder), Disk.REAL);
    }

    @Override
    public JournalHeader recover(Consumer<JournalRecord> oldestFirst) {
        try {
            JournalScan found = scan(folder.journal(), oldestFirst);
            if (found.isDamaged()) {
                link(folder.damagedJournal());
            }
            report(found, folder);
            return found.header();
        } catch (IOException e) {
            folder.close();
            throw new PermanentFailureException("journal " + folder.journal() + " cannot be read: " + e, e);
        }
    }

    /** The file itself is never changed but by appending, so that a second name for it is a copy as soon as it is written anew. */
    private void link(Path copy) throws IOException {
        Files.deleteIfExists(copy);
        Files.createLink(copy, folder.journal());
    }

    @Override
    public Optional<Path> keepCopy() throws IOException {
        link(folder.fullJournal());
        return Optional.of(folder.fullJournal());
    }

    private static JournalScan scan(Path path, Consumer<JournalRecord> oldestFirst) throws IOException {
        if (!Files.exists(path)) {
            return JournalScan.of(ByteBuffer.allocate(0), oldestFirst);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException("it has %d bytes, readable are %d".formatted(channel.size(), Integer.MAX_VALUE));
            }
            return JournalScan.of(channel.map(MapMode.READ_ONLY, 0, channel.size()), oldestFirst);
        }
    }

    private static void report(JournalScan found, StateDirectory folder) {
        if (found.isDamaged()) {
            LOG.atError()
                    .addKeyValue("journal", folder.journal())
                    .addKeyValue("copy", folder.damagedJournal())
                    .addKeyValue("damagedBytes", found.damagedBytes())
                    .addKeyValue("rejectedRecords", found.rejected())
                    .addKeyValue("readableRecords", found.readable())
                    .log(
                            "Journal is damaged; going on with what is readable, some repositories may show an older revision");
        } else if (found.tornBytes() > 0) {
            LOG.atWarn()
                    .addKeyValue("journal", folder.journal())
                    .addKeyValue("unfinishedBytes", found.tornBytes())
                    .log("Journal ends in an unfinished write, which was not acknowledged; leaving it out");
        }
    }

    @Override
    public void append(List<? extends JournalRecord> records, boolean force) throws IOException {
        FileChannel file = appendable;
        if (file == null) {
            throw new IOException(folder.journal() + " must be written anew first");
        }
        try {
            bytes += writeFully(file, JournalFormat.encode(records));
            if (force) {
                file.force(false);
            }
        } catch (IOException e) {
            giveUpFile();
            throw e;
        }
    }

    /** Nothing is appended any more before the journal is written anew. */
    private void giveUpFile() throws IOException {
        FileChannel file = appendable;
        appendable = null;
        if (file != null) {
            file.close();
        }
    }

    @Override
    public RewriteNeed rewriteNeed() {
        if (appendable == null || bytes > LONGEST_BYTES) {
            return RewriteNeed.MUST;
        }
        return bytes > grownBytes ? RewriteNeed.SHOULD : RewriteNeed.NO;
    }

    @Override
    public void rewrite(JournalHeader header, List<? extends JournalRecord> records) throws IOException {
        // Should this fail, the next attempt comes after as much growth again.
        grownBytes = 2 * bytes;
        FileChannel whole = disk.create(folder.unfinishedJournal());
        try {
            writeWhole(whole, header, records);
            // From here on the old file may have no name: what is appended to it would be gone with the process.
            giveUpFile();
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

    private static void writeWhole(FileChannel file, JournalHeader header, List<? extends JournalRecord> records)
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

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public String describe() {
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
