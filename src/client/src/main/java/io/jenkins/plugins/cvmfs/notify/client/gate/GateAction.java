package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An action for the driver of a gate, in the order of the list that {@link Gate#advance} returns. */
public sealed interface GateAction {

    /** Subscribe to the repository; report {@link GateEvent.Connected} once subscribed, and every announcement. */
    record Subscribe() implements GateAction {}

    /**
     * Read something from a replica, and report exactly one {@link GateEvent.Answered} with this question, also after a failure.
     * At most one question per replica is outstanding.
     */
    record Ask(Replica replica, Question question) implements GateAction {}

    /** A read of a replica. Equal questions about one location have the same answer and can share one read. */
    sealed interface Question {}

    /** Read the manifest from the replica itself, not from a cache. Answered by {@link GateEvent.ManifestRead}. */
    record ReadManifest() implements Question {}

    /**
     * Look for the object of the root catalog with this hash; in a mounted repository, for the path that must exist. Answered by {@link
     * GateEvent.RootCatalogChecked}.
     *
     * @param hash null only if a mounted client does not tell it
     */
    record CheckRootCatalog(@Nullable ContentHash hash) implements Question {}

    /** Read the time of the replica's last snapshot, for the report only. Answered by {@link GateEvent.SnapshotTimeRead}. */
    record ReadSnapshotTime() implements Question {}

    /** Show this line to the user. */
    record Progress(String line) implements GateAction {}

    /** Call {@link Gate#advance} at this instant, if no event comes earlier. */
    record WaitUntil(Instant instant) implements GateAction {}

    /** The gate has ended: it takes no further event and returns no further action. */
    record Finish(GateOutcome outcome) implements GateAction {}
}
