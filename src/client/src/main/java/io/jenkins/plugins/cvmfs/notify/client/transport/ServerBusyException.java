package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.Duration;

/** The server answered that it cannot now: 429 or 5xx. */
final class ServerBusyException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    /** The longest pause that a server may ask for. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private final Duration retryAfter;

    /** @param retryAfter the pause that the server asks for; zero if it asks for none */
    ServerBusyException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** Whether the server itself has named a pause. */
    static boolean asksForPause(NotifyException failure) {
        return failure instanceof ServerBusyException busy && !busy.retryAfter.isZero();
    }

    /** The pause before the next attempt: as long as the server asked for, up to a limit, and never shorter than {@code own}. */
    static Duration pauseAfter(NotifyException failure, Duration own) {
        if (!(failure instanceof ServerBusyException busy) || busy.retryAfter.compareTo(own) <= 0) {
            return own;
        }
        return busy.retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : busy.retryAfter;
    }
}
