package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.Collection;

/**
 * One connection to a notification server, or several that live and end together. It opens once and ends once; a reconnect makes a
 * new one. Thread-safe; no method blocks, and none calls {@link Events} while it holds a lock.
 */
interface SubscriberChannel {

    /** Starts to connect, and then subscribes to these repositories. */
    void open(Collection<RepositoryName> repositories);

    /** Subscribes to one more, also while connecting; if already subscribed, subscribes again. */
    void subscribe(RepositoryName repository);

    /** Unsubscribes where the protocol can; messages of the repository may still arrive. */
    void unsubscribe(RepositoryName repository);

    /** Ends the connection without a further event. Idempotent. */
    void close();

    /**
     * The events of a channel: from any thread. Calls may overlap, also for one repository, so that one which began before the last
     * event may follow it; the receiver ignores that.
     */
    interface Events {

        /** The connection is established; once. Only {@link #asking} may come before, and in a race a message. */
        void opened();

        /** A subscription is about to be sent; the server may then repeat its last value. */
        void asking(RepositoryName repository);

        /** The server accepted the subscription. */
        void subscribed(RepositoryName repository);

        /**
         * The server refuses the subscription: no message of this repository comes. The others continue.
         *
         * @param retryIn the time until the channel asks to be {@linkplain #renew() renewed}
         */
        void refused(RepositoryName repository, NotifyException cause, Duration retryIn);

        /**
         * A message arrived.
         *
         * @param mayRepeat true if this server also repeats messages without a new subscription of this client
         */
        void received(byte[] message, boolean mayRepeat);

        /** The connection failed or is lost; last. */
        void ended(NotifyException cause);

        /** The channel closed itself because the server may accept more on a new connection; last. */
        void renew();
    }
}
