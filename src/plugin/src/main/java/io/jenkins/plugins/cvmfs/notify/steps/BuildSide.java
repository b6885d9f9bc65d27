package io.jenkins.plugins.cvmfs.notify.steps;

/** The build as a step in progress sees it. Calls may come from any thread, one at a time for one step. */
interface BuildSide {

    /** Writes one line into the build log. */
    void log(String line);

    /** The step's state has changed: keep it, so that it survives a crash. */
    void save();

    /**
     * The step is over; what fails while Jenkins goes down does not count, as it goes on after the restart. Only the first call counts. Nothing is thrown: an ending
     * that cannot be made is a failure of the step.
     */
    void end(Ending ending);
}
