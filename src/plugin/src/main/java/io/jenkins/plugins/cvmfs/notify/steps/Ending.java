package io.jenkins.plugins.cvmfs.notify.steps;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** How a step ends. */
sealed interface Ending {

    /** The pipeline goes on with this value. */
    record Success(Serializable value) implements Ending {}

    /** The pipeline goes on with this value, but the build is unstable for the reason given. */
    record Unstable(Serializable value, String reason) implements Ending {}

    /**
     * The step fails.
     *
     * @param reason a sentence for the user
     * @param cause for developers; null if the sentence says it all
     */
    record Failure(String reason, @Nullable Throwable cause) implements Ending {}
}
