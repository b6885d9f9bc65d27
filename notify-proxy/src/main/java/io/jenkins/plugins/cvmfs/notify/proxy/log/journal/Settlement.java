package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.util.UUID;

/** Hears what became of the publishes whose messages arrived. Called on the ledger's thread; must not block. */
public interface Settlement {

    /** The publish's message is recorded, now or earlier, and has been delivered. */
    void recorded(UUID id);

    /** The publish's message could not be made safe. It may have been delivered. */
    void notRecorded(UUID id, Exception cause);
}
