package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;

/** Gives out this proxy's own positions. On the ledger's thread only. */
final class OwnPositions {

    private final String epoch;
    private long nextOffset;

    OwnPositions(JournalHeader header) {
        this.epoch = header.epoch();
        this.nextOffset = header.nextOffset();
    }

    LogPosition take() {
        return new LogPosition(epoch, nextOffset++);
    }

    String epoch() {
        return epoch;
    }

    JournalHeader header() {
        return new JournalHeader(epoch, nextOffset);
    }
}
