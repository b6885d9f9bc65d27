package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One replica by its last answers. Immutable.
 *
 * @param served the manifest it served last; null if none was read yet
 * @param rootCatalog the state of that manifest's root catalog
 * @param seenAt when the replica was first seen to serve a manifest that meets the target; null if its last one does not
 * @param availableAt when its root catalog was first seen too; null if it is not readable by the last answers
 * @param readAt when the last manifest was read; null if none was
 * @param snapshotAt when the replica last finished a snapshot, by its own clock; null if not read since the manifest changed, or
 *     not published
 * @param error why the last read failed, on one line; null if it did not
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

    /** The state of the object of the root catalog. */
    public enum RootCatalog {
        /** Not looked for since the manifest changed. */
        UNKNOWN,
        /** It can be read. */
        PRESENT,
        /** It is missing: the replica serves a manifest without all of its files. */
        ABSENT
    }

    static ReplicaState unread(Replica replica) {
        return new ReplicaState(replica, null, RootCatalog.UNKNOWN, null, null, null, null, null);
    }

    /** Returns true if the replica has what is waited for: its manifest meets the target and the root catalog is there. */
    public boolean counts() {
        return seenAt != null && rootCatalog == RootCatalog.PRESENT;
    }

    ReplicaState read(ManifestSummary manifest, boolean meets, Instant now) {
        boolean sameCatalog = served != null && served.rootHash().equals(manifest.rootHash());
        return new ReplicaState(
                        replica,
                        manifest,
                        sameCatalog ? rootCatalog : RootCatalog.UNKNOWN,
                        meets ? first(seenAt, now) : null,
                        meets ? availableAt : null,
                        now,
                        sameCatalog ? snapshotAt : null,
                        null)
                .dated(now);
    }

    ReplicaState rootCatalogChecked(boolean present, Instant now) {
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
