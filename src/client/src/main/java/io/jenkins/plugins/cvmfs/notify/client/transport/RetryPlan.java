package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.Duration;

/**
 * When to try again, and when to stop.
 *
 * @param mostAttempts how often to try, 1 or more
 * @param attemptLimit how long one attempt may take
 * @param totalLimit when to stop, counted from the start of the first attempt
 * @param backOff the pauses
 */
record RetryPlan(int mostAttempts, Duration attemptLimit, Duration totalLimit, BackOff backOff) {

    /** Whether another attempt may help after this one, the first being 1, failed so. */
    boolean allowsAnother(int attempt, NotifyException failure) {
        return attempt < mostAttempts
                && failure instanceof TransientFailureException
                && !(failure instanceof NotFoundException);
    }

    /** How long to wait before the next attempt. */
    Duration pauseAfter(NotifyException failure) {
        return ServerBusyException.pauseAfter(failure, backOff.next());
    }
}
