package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.concurrent.CompletableFuture;

/**
 * Hears of new revisions from one notification server, for any number of repositories. It connects when the first repository
 * is subscribed, and from then on connects again for ever, with exponential back-off and jitter, until it is closed. What it
 * hears goes to one {@link SubscriptionListener}.
 *
 * <p>A repository costs a map entry, not a thread; share one subscriber among all who wait. No method but {@link #close()}
 * blocks; all may be called from any thread, also from the listener.
 */
public interface NotificationSubscriber extends AutoCloseable {

    /**
     * Adds a repository; the server then sends its last known activity, if it has one. Again for a repository already subscribed:
     * does nothing.
     *
     * @return completes when the server has taken on the subscription for the first time; not while it {@linkplain
     *     SubscriptionListener#refused refuses}; fails with {@code CancellationException} as the cause if the repository is
     *     unsubscribed or the subscriber closed before
     */
    CompletableFuture<Void> subscribe(RepositoryName repository);

    /** Removes a repository: no activity of it reaches the listener any more, except one that is just being delivered. */
    void unsubscribe(RepositoryName repository);

    /** What has happened so far. */
    SubscriberCounts counts();

    /**
     * Ends the connection, the threads and all futures. When it returns, the listener hears nothing more; a callback that is
     * running is interrupted and waited for, 10 s at most, unless it is the caller. Twice is fine.
     */
    @Override
    void close();
}
