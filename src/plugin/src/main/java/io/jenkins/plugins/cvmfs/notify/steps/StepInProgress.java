package io.jenkins.plugins.cvmfs.notify.steps;

/** A step that is under way, as Pipeline sees it. Any thread may call; nothing blocks. */
interface StepInProgress {

    /** Ends it without telling the build. Works at any time, also before it has begun; again: does nothing. */
    void stop();

    /** What it is busy with, or what is missing, for the thread dump. */
    String status();
}
