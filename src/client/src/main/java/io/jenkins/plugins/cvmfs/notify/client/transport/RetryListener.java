package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;

/** Hears of each attempt that failed and is followed by another. Called on a thread of the network's, and must neither block nor throw. */
@FunctionalInterface
public interface RetryListener {

    /** Nobody listens. */
    RetryListener NONE = (attempt, reason, pause) -> {};

    /**
     * An attempt failed.
     *
     * @param attempt its number, from 1
     * @param reason a sentence for the user
     * @param pause how long until the next
     */
    void failed(int attempt, String reason, Duration pause);
}
