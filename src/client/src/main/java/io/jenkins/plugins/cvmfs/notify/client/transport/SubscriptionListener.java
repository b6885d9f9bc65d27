package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.net.URI;
import java.time.Duration;

/**
 * Receives the announcements and the state of one {@link NotificationSubscriber}.
 *
 * <p><b>Threads and order.</b> All calls come from the subscriber's own thread, one at a time, in the order of the events; they may
 * block. While a call blocks, announcements wait up to {@link SubscriberSettings#backlog()}; beyond it only the newest of each
 * repository is kept (conflation), and warnings beyond 100 are dropped. Of several waiting calls of {@link #subscribed} and {@link
 * #refused} for one repository only the last is made. An exception thrown here is logged, and the next call follows.
 *
 * <p>For one repository: {@code subscribed} or {@code refused} on each connection, and {@code activity} any number of times, also
 * before {@code subscribed}. On one connection {@code subscribed} comes again when an event stream is replaced to add another
 * repository; either comes again when the repository is unsubscribed and subscribed again. For the connection: {@code connected}, then
 * at its end {@code disconnected}; an attempt that fails is {@code disconnected} without {@code connected}. A connection that is
 * replaced to retry what the server refused ends without {@code disconnected}; {@code connected} or {@code disconnected} of the
 * new one follows. After {@link NotificationSubscriber#unsubscribe} no call names that repository, and after {@link
 * NotificationSubscriber#close} there is no call, except one that is already running.
 */
public interface SubscriptionListener {

    /**
     * A connection.
     *
     * @param url the subscribe URL
     * @param protocol the protocol in use, never {@link SubscriberSettings.Protocol#AUTO}
     */
    record Connection(URI url, SubscriberSettings.Protocol protocol) {}

    /** A repository may have a new revision. Its signature is not verified; revisions may repeat or go back. */
    void activity(ActivityMessage message);

    /**
     * The server accepted the subscription, for the first time or again. Later announcements arrive here; earlier ones
     * may have been missed, so read the replicas now.
     */
    default void subscribed(RepositoryName repository) {}

    /**
     * The server refuses the subscription to this repository; the connection and the other subscriptions continue. A server that
     * refuses the connection itself is reported by {@link #disconnected}.
     *
     * @param cause names the missing right
     * @param retryIn the time until the subscription is tried again, on a new connection
     */
    default void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {}

    /** A connection is established. */
    default void connected(Connection connection) {}

    /**
     * The connection is lost, or an attempt to connect failed.
     *
     * @param retryIn the pause before the next attempt; it starts when this call returns
     */
    default void disconnected(NotifyException cause, Duration retryIn) {}

    /** The server sent an error reply or an invalid message; the subscription continues. */
    default void warning(NotifyException problem) {}
}
