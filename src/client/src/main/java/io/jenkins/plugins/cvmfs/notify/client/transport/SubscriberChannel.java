package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.Collection;

/**
 * One connection to a notification server, or several that stand and fall together. It is opened once and ends once; connecting
 * again takes a new one. No method blocks, all may be called from any thread, and none calls {@link Events} while it holds a
 * lock.
 */
interface SubscriberChannel {

    /** Begins to connect, and then asks for these repositories. */
    void open(Collection<RepositoryName> repositories);

    /** Asks for one more, also while connecting. For one asked for already: asks again. */
    void subscribe(RepositoryName repository);

    /** Stops asking for one where the protocol can; it may be heard of nevertheless. */
    void unsubscribe(RepositoryName repository);

    /** Ends the connection without a further event. Twice is fine. */
    void close();

    /** What a channel tells, from any thread, one call at a time for each repository. */
    interface Events {

        /** The connection stands; comes once, before all that follows. */
        void opened();

        /** The server is about to be asked for this one, and may send its last message once more. */
        void asking(RepositoryName repository);

        /** The server has taken on the subscription. */
        void subscribed(RepositoryName repository);

        /**
         * The server does not take on the subscription; nothing of this repository will come. The others go on.
         *
         * @param retryIn when the channel will ask to be {@linkplain #renew() renewed}
         */
        void refused(RepositoryName repository, NotifyException cause, Duration retryIn);

        /**
         * A message came.
         *
         * @param mayRepeat whether this server also repeats messages when nobody here has asked
         */
        void received(byte[] message, boolean mayRepeat);

        /** The connection could not be made or is lost; nothing follows. */
        void ended(NotifyException cause);

        /** The channel has closed itself, because the server may answer another one better; nothing follows. */
        void renew();
    }

    /** Makes the channels of one subscriber by one protocol. */
    interface Dialler {

        /** A channel that is not open yet. */
        SubscriberChannel dial(Events events);

        /** What its channels connect to. */
        SubscriptionListener.Connection connection();
    }
}
