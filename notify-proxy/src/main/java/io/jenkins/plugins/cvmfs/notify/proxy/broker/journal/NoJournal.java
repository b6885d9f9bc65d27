package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import java.util.List;

/** Keeps nothing: a restart forgets. */
record NoJournal(JournalHeader header) implements Journal {

    NoJournal() {
        this(JournalHeader.fresh());
    }

    @Override
    public List<Entry> recovered() {
        return List.of();
    }

    @Override
    public void append(List<Entry> entries, boolean force) {}

    @Override
    public RewriteNeed rewriteNeed() {
        return RewriteNeed.NO;
    }

    @Override
    public void rewrite(JournalHeader ignored, List<Entry> entries) {}

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public String describe() {
        return "in memory: a restart forgets it";
    }

    @Override
    public void close() {}
}
