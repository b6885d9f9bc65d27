package io.jenkins.plugins.cvmfs.notify.steps;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The build of a running step. Calls may come from any thread, one at a time for each step. May block. */
interface BuildHandle {

    /** Writes one line, or a few that belong together, into the build log. */
    void log(String line);

    /** Runs the task after a while, where it may block; never if Jenkins stops before. Does not block. */
    void later(Duration pause, Runnable task);

    /** Saves the step's changed state, so that it survives a crash. */
    void save();

    /** Remembers what was announced, for the waits of the build. */
    void announced(PublishedRevision revision);

    /**
     * Ends the step; only the first call counts. Failures while Jenkins shuts down are ignored, because the step is resumed after
     * the restart. Throws nothing: if the step cannot end in this way, it fails.
     */
    void end(Ending ending);

    /** How a step ends. */
    sealed interface Ending {

        /** The step returns this value. */
        record Success(Serializable value) implements Ending {}

        /** The build becomes unstable and goes on. */
        record Unstable(Serializable value, String reason) implements Ending {}

        /**
         * The step fails with this reason.
         *
         * @param cause for the log of Jenkins, if it is not a NotifyException; null if the reason says everything
         */
        record Failure(String reason, @Nullable Throwable cause) implements Ending {

            static Failure tooManySteps(RejectedExecutionException cause) {
                return new Failure("too many steps start or end at the moment", cause);
            }
        }
    }
}
