package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;

/**
 * What a {@link NotificationSubscriber} tells. Never two calls at once: all come from the subscriber's own thread, in the order
 * in which things happened, and may block. While one blocks, activities wait up to a limit; past it, of each repository only the
 * newest is kept. An exception thrown here is logged and changes nothing.
 */
public interface SubscriptionListener {

    /** A repository may have a new revision. The signature has not been checked, and revisions may repeat or go back. */
    void activity(ActivityMessage message);

    /**
     * The server has taken on the subscription, at first and after every reconnect: what is published from now on will be heard;
     * what was published before may have been missed, so look.
     */
    default void subscribed(RepositoryName repository) {}

    /**
     * The server refuses the subscription to this repository: no activity of it comes, although the connection stands. Those to
     * others go on. A server that refuses before the connection stands is {@linkplain #disconnected told} as one that cannot be
     * connected to.
     *
     * @param cause names the right that is missing
     * @param retryIn when the server will be asked again, on a new connection
     */
    default void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {}

    /** A connection stands. */
    default void connected(ServerConnection connection) {}

    /**
     * The connection was lost, or could not be made.
     *
     * @param cause why
     * @param retryIn the pause before the next attempt, which begins when this call has returned
     */
    default void disconnected(NotifyException cause, Duration retryIn) {}

    /** The server complained, or sent something that is no activity; the subscription goes on. */
    default void warning(NotifyException problem) {}
}
