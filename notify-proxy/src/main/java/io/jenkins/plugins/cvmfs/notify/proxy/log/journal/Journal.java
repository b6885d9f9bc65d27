package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps entries across restarts, or does not. Used by one thread at a time; every method may block on the disk. */
sealed interface Journal extends Closeable permits JournalFile, NoJournal {

    /**
     * Reads what was kept. Called once, before anything else; the journal keeps none of it in memory.
     *
     * @param oldestFirst takes every record in the order of the file: for each repository the last one, perhaps older ones too
     * @return the epoch and next offset to go on with
     * @throws PermanentFailureException if there is a file that cannot be read; the journal is then closed
     */
    JournalHeader recover(Consumer<JournalRecord> oldestFirst);

    /**
     * Adds records.
     *
     * @param force whether they must survive a crash of the machine once this returns
     * @throws IOException if they are not known to be in the file.
     */
    void append(List<? extends JournalRecord> records, boolean force) throws IOException;

    /** Whether {@link #rewrite} should or must be called before the next {@link #append}. */
    RewriteNeed rewriteNeed();

    /**
     * Replaces everything by these records in one step: a crash leaves the old file or the new one.
     *
     * @throws IOException if it could not. Either the old file is still in use, or it may no longer be the journal: then {@link
     *     #rewriteNeed} is {@link RewriteNeed#MUST}
     */
    void rewrite(JournalHeader header, List<? extends JournalRecord> records) throws IOException;

    /**
     * Keeps what is there now beside the journal, for an operator, in place of what was kept before.
     *
     * @return where; empty if it keeps nothing
     * @throws IOException if it could not
     */
    Optional<Path> keepCopy() throws IOException;

    /** Bytes on disk. */
    long bytes();

    /** Where it keeps entries, for an operator. */
    String describe();

    /** Whether a journal is to be written anew. */
    enum RewriteNeed {
        /** No. */
        NO,
        /** It holds much that nobody needs. */
        SHOULD,
        /** Yes, or nothing can be appended: it has just been opened, or the last write failed and it is not known what is on disk. */
        MUST
    }
}
