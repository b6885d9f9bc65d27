package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Locale;

/**
 * What to do when the target was withdrawn: a replica serves a lower revision that was published after the target. A replica
 * that has moved past the target is not stale, it has it.
 */
public enum StalePolicy {
    /** Goes on waiting until the revision comes again or the deadline passes. */
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
                "stale policy '%s' is neither 'wait' nor 'skip' nor 'fail'".formatted(Excerpt.of(text)));
    }

    /** The word that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
