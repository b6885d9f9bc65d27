package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a repository, as it was read last. Immutable.
 *
 * @param replica its short name: the host, or the folder
 * @param served its manifest, whose signature is not verified; null if it was never read
 * @param firstSeen when that manifest was first seen; null without one
 * @param readAt when it was read last, with success; null if it never was
 * @param laggingSince when the oldest announcement that it was seen without was accepted; null if it lacks none
 * @param error why it could not be read the last time, on one line; null if it could
 * @param errorSince when that began; null without an error
 * @param usual its propagation times; empty if none was measured
 */
public record ReplicaStatus(
        String replica,
        RepositoryLocation location,
        @Nullable Manifest served,
        @Nullable Instant firstSeen,
        @Nullable Instant readAt,
        @Nullable Instant laggingSince,
        @Nullable String error,
        @Nullable Instant errorSince,
        Optional<Percentiles> usual) {

    /** In one word. */
    public enum State {
        /** It serves the newest announced revision. */
        CURRENT,
        /** It lacks an announced revision. */
        LAGGING,
        /** It could not be read the last time. */
        UNREADABLE,
        /** It has not been read yet. */
        UNREAD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Half of the propagation times, and 95 in 100, are no longer than these.
     *
     * @param count of how many times
     */
    public record Percentiles(int count, Duration p50, Duration p95) {}

    /**
     * A server, or a folder, with all the repositories that are watched there.
     *
     * @param repositories how many
     * @param lagging how many of them lack an announced revision there
     * @param unreadable how many could not be read the last time
     * @param usual the propagation times of the last revisions of all of them; empty if none was measured
     */
    public record ServerStatus(
            String replica, int repositories, int lagging, int unreadable, Optional<Percentiles> usual) {}

    /**
     * The propagation time of one revision.
     *
     * @param time from its announcement until it was first seen at the replica
     * @param within at most so much of that it was there, unseen: the time since the read before
     */
    public record Propagation(Revision revision, Duration time, Duration within) {}

    /**
     * Returns true if what a replica serves is what was announced, or newer.
     *
     * @param isRollback whether a higher revision may be older: then one is newer if it was published after the announcement, as what was
     *     rolled back was published before
     */
    public static boolean isReached(Manifest served, Manifest announced, Instant announcedAt, boolean isRollback) {
        if (served.rootCatalog().equals(announced.rootCatalog())) {
            return true;
        }
        Instant published = served.publishedAt();
        return isRollback
                ? published != null && published.isAfter(announcedAt)
                : served.revision().isNewerThan(announced.revision());
    }

    /** Returns its state; of one that lags and cannot be read either, that it cannot be read. */
    public State state() {
        if (error != null) {
            return State.UNREADABLE;
        }
        return laggingSince != null ? State.LAGGING : served == null ? State.UNREAD : State.CURRENT;
    }
}
