package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/** Where a log delivers what it holds; the fan-out implements it. */
public interface ActivityTail {

    /**
     * The next announcement. Called by one thread at a time, in the log's order, never twice with one position; first, for
     * each repository the log remembers, its last value. Must not block.
     */
    void delivered(Announcement announcement);
}
