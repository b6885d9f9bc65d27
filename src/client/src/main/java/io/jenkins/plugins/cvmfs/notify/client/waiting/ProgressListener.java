package io.jenkins.plugins.cvmfs.notify.client.waiting;

/**
 * Is told one line for each thing that happens to a gate. The lines of one gate come one after the other, in order, and all
 * before its result; those of different gates may come at the same time. May block, but few threads serve all gates. If lines
 * come faster than they are taken, the oldest are left out, and a line says how many. An exception thrown here is logged and
 * changes nothing.
 */
@FunctionalInterface
public interface ProgressListener {

    /** Does not want to know. */
    ProgressListener NONE = line -> {};

    /**
     * Something happened; {@link Wait#snapshot()} already holds it.
     *
     * @param line for people, without a line break
     */
    void progress(String line);
}
