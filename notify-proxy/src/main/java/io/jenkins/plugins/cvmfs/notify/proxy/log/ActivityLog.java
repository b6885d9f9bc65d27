package io.jenkins.plugins.cvmfs.notify.proxy.log;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.util.concurrent.CompletableFuture;

/**
 * The ordered, durable log of announcements: RabbitMQ, or a journal file in standalone mode. Everything appended by any proxy on
 * the same broker comes out of every tail.
 */
public interface ActivityLog extends AutoCloseable {

    /**
     * Begins to deliver to the tail; called once. Does not wait for a broker: connecting goes on in the background until
     * {@link #close()}.
     */
    void start(LogListener tail);

    /**
     * Appends a message, and follows its repository from then on. The future completes when the message is safe (the broker's confirm, or the journal's fsync), with a
     * {@link LogUnavailableException} when it is not known to be, and always within the configured time limit. Never blocks;
     * callable from any thread.
     */
    CompletableFuture<Void> append(ActivityMessage message);

    /**
     * Makes sure that announcements of this repository reach the tail, whoever publishes them. Idempotent, does not block, and
     * holds across reconnects; the future completes when the broker has it, exceptionally if it is not connected now (it is
     * then done at the next connect), and always within the configured time limit. A repository already followed costs nothing.
     * It ends by itself some time after the tail has ceased to await the repository; so the tail must await it before this is
     * called.
     */
    CompletableFuture<Void> follow(RepositoryName repository);

    /**
     * Forgets a repository's last announcement, here and in every proxy on the same broker, as if it had never been announced. What is
     * announced later counts as ever. Completes as {@link #append} does.
     */
    CompletableFuture<Void> forget(RepositoryName repository);

    /** What the log can do at the moment; cheap, from any thread. */
    LogState state();

    /** Stops delivering, fails what is not confirmed, closes connections and files. Closing twice is fine. */
    @Override
    void close();
}
