package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Journal.RewriteNeed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the journal, has it written anew when that is due, and keeps account of whether it can be written. After a failed write
 * it is written anew as a whole before anything is appended, because what such a write left in the file is not known. On the
 * ledger's thread, but for {@link #trouble()}.
 */
final class JournalWriter {

    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

    private final Journal journal;
    private final OwnPositions positions;
    private final LastValues lastValues;
    private final Counter failures;
    private final Counter rewrites;
    private final AtomicLong bytes;
    private volatile @Nullable IOException trouble;

    JournalWriter(Journal journal, OwnPositions positions, LastValues lastValues, MeterRegistry meters) {
        this.journal = journal;
        this.positions = positions;
        this.lastValues = lastValues;
        this.failures = Counter.builder("cvmfs_notify_journal_failures")
                .description("Writes to the journal that failed")
                .register(meters);
        this.rewrites = Counter.builder("cvmfs_notify_journal_rewrites")
                .description("Times the journal was written anew, holding the last values only")
                .register(meters);
        this.bytes = new AtomicLong();
        Gauge.builder("cvmfs_notify_journal_bytes", bytes, AtomicLong::get)
                .description("Length of the journal; 0 until something was written to it")
                .register(meters);
    }

    /** Why the journal cannot be written at the moment; empty if it can. From any thread. */
    Optional<IOException> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Writes these records; they are safe unless this throws. */
    void write(List<? extends JournalRecord> records, boolean force) throws IOException {
        try {
            rewriteIfNeeded();
            journal.append(records, force);
            bytes.set(journal.bytes());
            working();
        } catch (IOException e) {
            failing(e);
            throw e;
        }
    }

    /** Tries to make a journal writable again whose last write failed. */
    void repair() {
        try {
            rewriteIfNeeded();
            working();
        } catch (IOException e) {
            failing(e);
        }
    }

    private void rewriteIfNeeded() throws IOException {
        switch (journal.rewriteNeed()) {
            case NO -> {}
            case MUST -> rewrite();
            case SHOULD -> tryRewrite();
        }
    }

    private void tryRewrite() throws IOException {
        try {
            rewrite();
        } catch (IOException e) {
            if (journal.rewriteNeed() == RewriteNeed.MUST) {
                throw e;
            }
            failures.increment();
            LOG.atWarn()
                    .setCause(e)
                    .log("Journal cannot be written anew to make it smaller; going on with it as it is");
        }
    }

    private void rewrite() throws IOException {
        journal.rewrite(positions.header(), lastValues.records());
        rewrites.increment();
        bytes.set(journal.bytes());
    }

    private void failing(IOException cause) {
        failures.increment();
        if (trouble == null) {
            LOG.atWarn()
                    .addKeyValue("journal", journal.describe())
                    .setCause(cause)
                    .log("Journal cannot be written; trying again until it can");
        }
        trouble = cause;
    }

    private void working() {
        if (trouble != null) {
            trouble = null;
            LOG.atInfo().addKeyValue("journal", journal.describe()).log("Journal can be written again");
        }
    }
}
