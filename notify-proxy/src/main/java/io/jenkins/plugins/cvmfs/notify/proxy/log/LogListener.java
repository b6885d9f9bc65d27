package io.jenkins.plugins.cvmfs.notify.proxy.log;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;

/** Receives what a log delivers; the fan-out implements it. */
public interface LogListener {

    /**
     * Takes the next announcement. Called by one thread at a time, of each repository in the log's order, never twice with one position;
     * first, for each repository the log remembers, its last value. Must not block.
     */
    void delivered(Announcement announcement);

    /**
     * Notes the position of an announcement that was delivered before it was known. It has the same message; if a newer one of its
     * repository has been delivered since, its position does not matter. Called as {@link #delivered} is.
     */
    default void located(Announcement announcement) {}

    /**
     * Notes that the log has forgotten this repository's last announcement. Called as {@link #delivered} is.
     */
    default void forgotten(RepositoryName repository) {}

    /**
     * Returns whether announcements of this repository are needed: it has a subscriber, or it has been announced. A log may stop following a
     * repository for which this is false. Cheap, from any thread.
     */
    default boolean awaits(RepositoryName repository) {
        return true;
    }

    /** Returns a listener that passes everything on to this one and then to the next, and awaits what either does. */
    default LogListener andThen(LogListener next) {
        LogListener first = this;
        return new LogListener() {
            @Override
            public void delivered(Announcement announcement) {
                first.delivered(announcement);
                next.delivered(announcement);
            }

            @Override
            public void located(Announcement announcement) {
                first.located(announcement);
                next.located(announcement);
            }

            @Override
            public void forgotten(RepositoryName repository) {
                first.forgotten(repository);
                next.forgotten(repository);
            }

            @Override
            public boolean awaits(RepositoryName repository) {
                return first.awaits(repository) || next.awaits(repository);
            }
        };
    }
}
