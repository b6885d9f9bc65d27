package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Keeps entries across restarts, or does not. Used by one thread at a time; every method may block on the disk. */
sealed interface Journal extends Closeable permits JournalFile, NoJournal {

    /** The epoch and next offset to go on with. */
    JournalHeader header();

    /** What was in it when it was opened, oldest first: for each repository the last entry, perhaps older ones too. */
    List<Entry> recovered();

    /**
     * Adds entries.
     *
     * @param force whether they must survive a crash of the machine once this returns
     * @throws IOException if they are not known to be in the file.
     */
    void append(List<Entry> entries, boolean force) throws IOException;

    /** Whether {@link #rewrite} should or must be called before the next {@link #append}. */
    RewriteNeed rewriteNeed();

    /**
     * Replaces everything by these entries in one step: a crash leaves the old file or the new one.
     *
     * @throws IOException if it could not; the old file stays
     */
    void rewrite(JournalHeader header, List<Entry> entries) throws IOException;

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
        /** Yes, or nothing can be appended: it has just been opened, or the last write failed and may have left anything. */
        MUST
    }
}
