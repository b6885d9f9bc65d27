package io.jenkins.plugins.cvmfs.notify.steps;

/** The build as a step in progress sees it. Calls may come from any thread, one at a time for one step. */
interface BuildSide {

    /** Writes one line into the build log. */
    void log(String line);

    /** The step's state has changed: keep it, so that it survives a crash. */
    void save();

    /** The step is over. Only the first call counts. Nothing is thrown: an ending that cannot be made is a failure of the step. */
    void end(Ending ending);
}
