package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFile.RewriteNeed;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps records across restarts, or keeps none, and numbers what this proxy records. Has the file rewritten when that is due: above
 * all after a failed write, before anything is appended, because what such a write left in the file is unknown. Used by one thread
 * at a time, except {@link #failure()}.
 */
final class Journal implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final @Nullable JournalFile file;
    private final LastValues lastValues;
    private final String epoch;
    private final Counter failures;
    private final Counter rewrites;
    private final AtomicLong bytes = new AtomicLong();
    private long nextOffset;
    private volatile @Nullable IOException failure;

    /**
     * Opens the journal and reads what was kept.
     *
     * @param fileOrNull where records are kept; null if a restart forgets them
     * @param lastValues what a rewritten file holds
     * @param oldestFirst takes every record in the order of the file: for each repository the last one, perhaps older ones too
     * @throws PermanentFailureException if there is a file that cannot be read; it is then closed
     */
    Journal(
            @Nullable JournalFile fileOrNull,
            LastValues lastValues,
            Consumer<JournalRecord> oldestFirst,
            MeterRegistry meters) {
        Header header = fileOrNull == null ? Header.fresh() : fileOrNull.recover(oldestFirst);
        this.file = fileOrNull;
        this.lastValues = lastValues;
        this.epoch = header.epoch();
        this.nextOffset = header.nextOffset();
        this.failures = Counter.builder("cvmfs_notify_journal_failures")
                .description("Writes to the journal that failed")
                .register(meters);
        this.rewrites = Counter.builder("cvmfs_notify_journal_rewrites")
                .description("Times the journal was rewritten with the last values only")
                .register(meters);
        Gauge.builder("cvmfs_notify_journal_bytes", bytes, AtomicLong::get)
                .description("Length of the journal; 0 until something was written to it")
                .register(meters);
    }

    /** Returns whether a write may have to wait for a disk. */
    boolean mayBlock() {
        return file != null;
    }

    /** The epoch of the positions that this proxy assigns. */
    String epoch() {
        return epoch;
    }

    /** Assigns the next position. */
    LogPosition nextPosition() {
        return new LogPosition(epoch, nextOffset++);
    }

    /** Why the journal cannot be written at the moment; empty if it can. From any thread. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Writes these records.
     *
     * @param force whether they must survive a crash of the machine once this returns
     * @throws IOException if they are not known to be in the file
     */
    void write(List<? extends JournalRecord> records, boolean force) throws IOException {
        if (file == null) {
            return;
        }
        try {
            rewriteIfNeeded(file);
            file.append(records, force);
            bytes.set(file.bytes());
            writable();
        } catch (IOException e) {
            failing(e);
            throw e;
        }
    }

    /** Tries to make the journal writable if it has just been opened, or its last write failed. */
    void repair() {
        if (file == null) {
            return;
        }
        try {
            rewriteIfNeeded(file);
            writable();
        } catch (IOException e) {
            failing(e);
        }
    }

    private void rewriteIfNeeded(JournalFile file) throws IOException {
        if (file.rewriteNeed() == RewriteNeed.NO) {
            return;
        }
        try {
            file.rewrite(new Header(epoch, nextOffset), lastValues.records());
            rewrites.increment();
            bytes.set(file.bytes());
        } catch (IOException e) {
            if (file.rewriteNeed() == RewriteNeed.MUST) {
                throw e;
            }
            failures.increment();
            LOG.atWarn().setCause(e).log("journal cannot be rewritten to make it smaller; it is used as it is");
        }
    }

    private void failing(IOException cause) {
        failures.increment();
        if (failure == null) {
            LOG.atWarn()
                    .addKeyValue("journal", describe())
                    .setCause(cause)
                    .log("journal cannot be written; retrying until it can");
        }
        failure = cause;
    }

    private void writable() {
        if (failure != null) {
            failure = null;
            LOG.atInfo().addKeyValue("journal", describe()).log("journal can be written again");
        }
    }

    /** Keeps what is in the file now beside it, for an operator, in place of an earlier copy; empty if there is no file. */
    Optional<Path> keepCopy() throws IOException {
        return file == null ? Optional.empty() : Optional.of(file.keepCopy());
    }

    /** Describes where records are kept, for an operator. */
    String describe() {
        return file == null ? "in memory: a restart forgets it" : file.describe();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
