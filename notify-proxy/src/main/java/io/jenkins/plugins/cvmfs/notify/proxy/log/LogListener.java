package io.jenkins.plugins.cvmfs.notify.proxy.log;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;

/** Where a log delivers what it holds; the fan-out implements it. */
public interface LogListener {

    /**
     * The next announcement. Called by one thread at a time, in the log's order, never twice with one position; first, for
     * each repository the log remembers, its last value. Must not block.
     */
    void delivered(Announcement announcement);

    /**
     * The log does not know this repository's last announcement any more. Called as {@link #delivered} is.
     */
    default void forgotten(RepositoryName repository) {}

    /**
     * Whether it has any use for announcements of this repository: somebody is subscribed to it, or it has been announced. A log
     * may stop following those for which this says no. Cheap, from any thread.
     */
    default boolean awaits(RepositoryName repository) {
        return true;
    }
}
