package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Receives announcements of any number of repositories from one notification server and passes them to one {@link
 * SubscriptionListener}, which documents their order and threads. Made by {@link Network#subscriber}; the caller closes it, and
 * closing the network closes it too.
 *
 * <p>It connects when the first repository is subscribed and reconnects until it is closed, with exponential back-off from 1 s to
 * {@link SubscriberSettings#longestPause()} and jitter; {@code Retry-After} of a server extends a pause up to 30 s. No failure ends
 * it: failures are reported by {@link SubscriptionListener#disconnected} and {@link SubscriptionListener#refused}.
 *
 * <p>Thread-safe, also for calls from the listener; no method except {@link #close()} blocks. A repository costs a map entry and no
 * thread, so share one subscriber among all waiting callers.
 */
public interface NotificationSubscriber extends AutoCloseable {

    /**
     * Counters since the subscriber was made.
     *
     * @param connections established connections
     * @param activities announcements passed to the listener
     * @param conflated announcements replaced by a newer one of the same repository because the listener was slow
     * @param replays announcements dropped because the server repeated its last value after a new subscription
     * @param warnings error replies and invalid messages
     */
    record Counts(long connections, long activities, long conflated, long replays, long warnings) {}

    /**
     * Subscribes to a repository; the server then sends its last value, if it has one. No effect if already subscribed.
     *
     * @return completes when the server has accepted the subscription for the first time, and stays incomplete while it {@linkplain
     *     SubscriptionListener#refused refuses}. If the repository is unsubscribed or the subscriber closed first, fails with a {@link
     *     CancellationException}, which {@code join} throws as the cause of a {@code CompletionException}; of a subscriber that is
     *     closed already, is cancelled
     */
    CompletableFuture<Void> subscribe(RepositoryName repository);

    /** Unsubscribes; drops what still waits for the listener. No effect if not subscribed. */
    void unsubscribe(RepositoryName repository);

    /** Returns a snapshot of the counters. */
    Counts counts();

    /**
     * Ends the connection, the thread and all futures. A listener call that is running is interrupted and waited for, up to 10 s,
     * unless it is the caller. Idempotent.
     */
    @Override
    void close();
}
