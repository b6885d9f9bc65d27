package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.util.concurrent.CompletableFuture;

/**
 * Announces new revisions to one notification server. Publishing twice is harmless, so whatever may have gone wrong on the way
 * (connection errors, 429, 5xx) is tried again with exponential back-off and jitter, as {@code Retry-After} asks, until the time
 * limit. Several messages may be under way at once; their order is not kept, so wait for one before the next of the same
 * repository.
 *
 * <p>No method blocks. Futures complete on the network's threads: do not block there. Cancelling a future ends its request and
 * its retries; whether the message was accepted is then not known.
 */
public interface NotificationPublisher {

    /**
     * Sends the message's raw bytes. The future fails with
     *
     * <ul>
     *   <li>{@code InvalidInputException} if the server says the message is wrong (400, 413, 422), with its reason;
     *   <li>{@code RefusedException} if the publisher may not do that (401, 403, 407);
     *   <li>{@code TransientFailureException} if it was still unreachable or busy at the time limit;
     *   <li>{@code PermanentFailureException} if there is no such service (404), its certificate is not trusted, it redirects, or
     *       answers what no notification service answers.
     * </ul>
     */
    CompletableFuture<PublishReceipt> publish(ActivityMessage message);
}
