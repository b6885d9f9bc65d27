package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import java.time.Instant;

/** What the driver of a gate shall do. */
public sealed interface GateAction {

    /** Subscribe to the repository, report {@link GateEvent.Connected} when the subscription stands, and what is announced. */
    record Subscribe() implements GateAction {}

    /** Ask a replica, and report exactly one {@link GateEvent.Answer}. There is at most one per replica outstanding. */
    sealed interface Request extends GateAction {

        /** Whom to ask. */
        Replica replica();

        /** Whether this answers it. */
        boolean isAnsweredBy(GateEvent.Answer answer);
    }

    /** Read the manifest, not from a memory of earlier reads. */
    record ReadManifest(Replica replica) implements Request {
        @Override
        public boolean isAnsweredBy(GateEvent.Answer answer) {
            return answer instanceof GateEvent.ManifestRead || answer instanceof GateEvent.Failed;
        }
    }

    /** Look whether the object of the root catalog with this hash is there. */
    record SeekRootCatalog(Replica replica, ContentHash hash) implements Request {
        @Override
        public boolean isAnsweredBy(GateEvent.Answer answer) {
            return (answer instanceof GateEvent.RootCatalogSought sought
                            && sought.hash().equals(hash))
                    || answer instanceof GateEvent.Failed;
        }
    }

    /** Read when the replica last finished a snapshot; only for the explanation. */
    record ReadSnapshotTime(Replica replica) implements Request {
        @Override
        public boolean isAnsweredBy(GateEvent.Answer answer) {
            return answer instanceof GateEvent.SnapshotTimeRead || answer instanceof GateEvent.Failed;
        }
    }

    /** Show this line to whoever follows the progress. */
    record Tell(String line) implements GateAction {}

    /** Call again at this instant, if no event comes earlier. */
    record WaitUntil(Instant instant) implements GateAction {}

    /** The end: no further event is taken, no further action follows. */
    record Finish(GateOutcome outcome) implements GateAction {}
}
