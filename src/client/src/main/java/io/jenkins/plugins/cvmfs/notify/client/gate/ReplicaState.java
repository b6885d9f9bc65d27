package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one replica by its last answers.
 *
 * @param served the manifest it served last; null if none was read yet
 * @param rootCatalog whether the root catalog of that manifest is there
 * @param seenAt when the replica was first seen to serve a manifest that meets the target; null if its last one does not
 * @param availableAt when the root catalog was first seen there too; null if it is not readable there by the last answers
 * @param readAt when the last manifest was read
 * @param snapshotAt when the replica last finished a snapshot, by its own word; null if nobody asked since the manifest changed,
 *     or it does not say
 * @param error what went wrong with the last question, on one line; null if nothing
 */
public record ReplicaState(
        Replica replica,
        @Nullable ManifestSummary served,
        RootCatalog rootCatalog,
        @Nullable Instant seenAt,
        @Nullable Instant availableAt,
        @Nullable Instant readAt,
        @Nullable Instant snapshotAt,
        @Nullable String error) {

    /** Whether the object of the root catalog is there. */
    public enum RootCatalog {
        /** Nobody has looked since the manifest changed. */
        UNKNOWN,
        /** It can be read. */
        PRESENT,
        /** It cannot: the replica serves a manifest whose files are not all there. */
        ABSENT
    }

    static ReplicaState unread(Replica replica) {
        return new ReplicaState(replica, null, RootCatalog.UNKNOWN, null, null, null, null, null);
    }

    /** Whether the replica has what is waited for: its manifest meets the target and the root catalog is there. */
    public boolean counts() {
        return seenAt != null && rootCatalog == RootCatalog.PRESENT;
    }

    ReplicaState read(ManifestSummary publication, boolean meets, Instant now) {
        boolean sameCatalog = served != null && served.rootHash().equals(publication.rootHash());
        return new ReplicaState(
                        replica,
                        publication,
                        sameCatalog ? rootCatalog : RootCatalog.UNKNOWN,
                        meets ? first(seenAt, now) : null,
                        meets ? availableAt : null,
                        now,
                        sameCatalog ? snapshotAt : null,
                        null)
                .dated(now);
    }

    ReplicaState sought(boolean present, Instant now) {
        RootCatalog found = present ? RootCatalog.PRESENT : RootCatalog.ABSENT;
        return new ReplicaState(replica, served, found, seenAt, present ? availableAt : null, readAt, snapshotAt, null)
                .dated(now);
    }

    ReplicaState snapshotAt(@Nullable Instant at) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, at, error);
    }

    ReplicaState failed(String problem) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, snapshotAt, problem);
    }

    private ReplicaState dated(Instant now) {
        return counts()
                ? new ReplicaState(
                        replica, served, rootCatalog, seenAt, first(availableAt, now), readAt, snapshotAt, error)
                : this;
    }

    private static Instant first(@Nullable Instant earlier, Instant now) {
        return earlier == null ? now : earlier;
    }
}
