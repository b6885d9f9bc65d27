package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps nothing: a restart forgets. */
record NoJournal() implements Journal {

    @Override
    public JournalHeader recover(Consumer<JournalRecord> oldestFirst) {
        return JournalHeader.fresh();
    }

    @Override
    public void append(List<? extends JournalRecord> records, boolean force) {}

    @Override
    public RewriteNeed rewriteNeed() {
        return RewriteNeed.NO;
    }

    @Override
    public void rewrite(JournalHeader header, List<? extends JournalRecord> records) {}

    @Override
    public Optional<Path> keepCopy() {
        return Optional.empty();
    }

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
