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
 * @param note what people should know of the last answer besides, such as which of its addresses lag; null if nothing
 */
public record ReplicaState(
        Replica replica,
        @Nullable ManifestSummary served,
        RootCatalog rootCatalog,
        @Nullable Instant seenAt,
        @Nullable Instant availableAt,
        @Nullable Instant readAt,
        @Nullable Instant snapshotAt,
        @Nullable String error,
        @Nullable String note) {

    /** The state of the object of the root catalog. */
    public enum RootCatalog {
        /** Not looked for since the manifest changed. */
        UNKNOWN,
        /** It can be read; of a mounted repository, the path that must exist does. */
        PRESENT,
        /** It, or the path, is missing: the replica serves a manifest without all of its files. */
        ABSENT
    }

    static ReplicaState unread(Replica replica) {
        return new ReplicaState(replica, null, RootCatalog.UNKNOWN, null, null, null, null, null, null);
    }

    /** Returns true if the replica has what is waited for: its manifest meets the target and the root catalog is there. */
    public boolean counts() {
        return seenAt != null && rootCatalog == RootCatalog.PRESENT;
    }

    ReplicaState read(ManifestSummary manifest, @Nullable String text, boolean meets, Instant now) {
        boolean sameCatalog = served != null && served.isOfSameCatalog(manifest);
        RootCatalog known = sameCatalog ? rootCatalog : RootCatalog.UNKNOWN;
        Instant seen = meets ? first(seenAt, now) : null;
        Instant available = available(seen, known, now);
        return new ReplicaState(
                replica, manifest, known, seen, available, now, sameCatalog ? snapshotAt : null, null, text);
    }

    ReplicaState rootCatalogChecked(boolean present, @Nullable String text, Instant now) {
        RootCatalog found = present ? RootCatalog.PRESENT : RootCatalog.ABSENT;
        Instant available = available(seenAt, found, now);
        String known = text == null ? note : text;
        return new ReplicaState(replica, served, found, seenAt, available, readAt, snapshotAt, null, known);
    }

    ReplicaState snapshotAt(@Nullable Instant at) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, at, error, note);
    }

    ReplicaState failed(String problem) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, snapshotAt, problem, note);
    }

    private @Nullable Instant available(@Nullable Instant seen, RootCatalog catalog, Instant now) {
        if (seen == null || catalog == RootCatalog.ABSENT) {
            return null;
        }
        return catalog == RootCatalog.PRESENT ? first(availableAt, now) : availableAt;
    }

    private static Instant first(@Nullable Instant earlier, Instant now) {
        return earlier == null ? now : earlier;
    }
}
