package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A repository to be forgotten, on its way into the ledger.
 *
 * @param idOrNull settled when it is done; null if nobody waits for that
 * @param isDecided whether others have forgotten it already: then it is forgotten here although the journal cannot be written
 */
public record Forget(Forgotten what, @Nullable UUID idOrNull, boolean isDecided) implements LedgerItem {

    /** Settled when it is done; empty if nobody waits for that. */
    public Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }
}
