package io.jenkins.plugins.cvmfs.notify.client.waiting;

/**
 * Receives a line for each event of a wait. The lines of one wait arrive in order, never two at once, and all before its result
 * completes; lines of different waits may arrive at the same time. May block, but at most four threads serve all waits. If lines
 * come faster than they are taken, the oldest beyond 100 are dropped, and a line says how many. An exception thrown here is
 * logged and changes nothing.
 */
@FunctionalInterface
public interface ProgressListener {

    /** Ignores all lines. */
    ProgressListener NONE = line -> {};

    /**
     * Receives a line; {@link Wait#snapshot()} already includes the event.
     *
     * @param line for people, without a line break
     */
    void progress(String line);
}
