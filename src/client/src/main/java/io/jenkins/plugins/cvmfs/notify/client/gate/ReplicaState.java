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

    /** Needs no note. */
    public ReplicaState(
            Replica replica,
            @Nullable ManifestSummary served,
            RootCatalog rootCatalog,
            @Nullable Instant seenAt,
            @Nullable Instant availableAt,
            @Nullable Instant readAt,
            @Nullable Instant snapshotAt,
            @Nullable String error) {
        this(replica, served, rootCatalog, seenAt, availableAt, readAt, snapshotAt, error, null);
    }

    static ReplicaState unread(Replica replica) {
        return new ReplicaState(replica, null, RootCatalog.UNKNOWN, null, null, null, null, null);
    }

    /** Returns true if the replica has what is waited for: its manifest meets the target and the root catalog is there. */
    public boolean counts() {
        return seenAt != null && rootCatalog == RootCatalog.PRESENT;
    }

    ReplicaState read(ManifestSummary manifest, @Nullable String text, boolean meets, Instant now) {
        boolean sameCatalog = served != null && served.isOfSameCatalog(manifest);
        return new ReplicaState(
                        replica,
                        manifest,
                        sameCatalog ? rootCatalog : RootCatalog.UNKNOWN,
                        meets ? first(seenAt, now) : null,
                        meets ? availableAt : null,
                        now,
                        sameCatalog ? snapshotAt : null,
                        null,
                        text)
                .dated(now);
    }

    ReplicaState rootCatalogChecked(boolean present, @Nullable String text, Instant now) {
        RootCatalog found = present ? RootCatalog.PRESENT : RootCatalog.ABSENT;
        String known = text == null ? note : text;
        return new ReplicaState(
                        replica, served, found, seenAt, present ? availableAt : null, readAt, snapshotAt, null, known)
                .dated(now);
    }

    ReplicaState snapshotAt(@Nullable Instant at) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, at, error, note);
    }

    ReplicaState failed(String problem) {
        return new ReplicaState(replica, served, rootCatalog, seenAt, availableAt, readAt, snapshotAt, problem, note);
    }

    private ReplicaState dated(Instant now) {
        return counts()
                ? new ReplicaState(
                        replica, served, rootCatalog, seenAt, first(availableAt, now), readAt, snapshotAt, error, note)
                : this;
    }

    private static Instant first(@Nullable Instant earlier, Instant now) {
        return earlier == null ? now : earlier;
    }
}
