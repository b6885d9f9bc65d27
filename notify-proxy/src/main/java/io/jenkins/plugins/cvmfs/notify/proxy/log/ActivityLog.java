package io.jenkins.plugins.cvmfs.notify.proxy.log;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.util.concurrent.CompletableFuture;

/**
 * The ordered, durable log of announcements: RabbitMQ, a journal file in standalone mode, or of a relay another notification server. Everything
 * appended by any proxy on the same broker, or by any relay of the same server, is delivered to the listener of every one.
 */
public interface ActivityLog extends AutoCloseable {

    /**
     * Starts to deliver to the listener; called once. Does not wait for a broker: it is connected to in the background until
     * {@link #close()}.
     */
    void start(LogListener listener);

    /**
     * Appends a message, and follows its repository from then on. The future completes when the message is safe (the broker's confirm, or
     * the journal's fsync) and has been delivered here, with a {@link LogUnavailableException} when it is not known to be, with a {@link
     * LogRefusalException} when it is not accepted, and always within the configured time limit. Never blocks; callable from any thread.
     *
     * @param origin for a log that passes the message on, or may get it from several proxies
     */
    CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin);

    /**
     * Asks for the announcements of this repository, by any publisher. Idempotent, does not block, and holds across reconnects. The
     * future completes when the broker has bound it, exceptionally if it is not connected now (it is then bound at the next connect), and
     * always within the configured time limit. A repository already followed costs nothing. Following ends some time after the listener
     * no longer awaits the repository; so the listener must await it before this is called.
     */
    CompletableFuture<Void> follow(RepositoryName repository);

    /**
     * Forgets a repository's last announcement, here and in every proxy on the same broker, as if it had never been announced. Later
     * announcements are delivered as before. Completes as {@link #append} does.
     */
    CompletableFuture<Void> forget(RepositoryName repository);

    /** Returns what the log can do at the moment; cheap, from any thread. */
    LogState state();

    /** Stops delivering, fails what is not confirmed, closes connections and files. Closing twice is fine. */
    @Override
    void close();
}
