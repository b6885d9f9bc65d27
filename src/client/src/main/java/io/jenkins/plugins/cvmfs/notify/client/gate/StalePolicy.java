package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Locale;

/**
 * The reaction to a target that was rolled back: a replica serves a lower revision that was published after the target. A replica
 * that serves a newer revision than the target is not stale.
 */
public enum StalePolicy {
    /** Waits on until the revision is published again or the deadline passes. */
    WAIT,
    /** Ends with {@link GateOutcome#STALE}; the caller goes on without the revision. */
    SKIP,
    /** Ends with {@link GateOutcome#STALE}; the caller fails. */
    FAIL;

    /**
     * Reads {@code wait}, {@code skip} or {@code fail}.
     *
     * @throws InvalidInputException if the text is none of them
     */
    public static StalePolicy parse(String text) {
        for (StalePolicy policy : values()) {
            if (policy.toString().equals(text)) {
                return policy;
            }
        }
        throw new InvalidInputException(
                "stale policy '%s' must be 'wait', 'skip' or 'fail'".formatted(Excerpt.of(text)));
    }

    /** Returns the word that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
