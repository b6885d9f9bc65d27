package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Announces new revisions to one notification server. Made by {@link Network#publisher}; needs no closing, and closing the network
 * cancels what is unfinished.
 *
 * <p>Announcing twice is harmless. Therefore a transient failure (no connection, 429, 5xx) is retried, with exponential back-off from
 * 0.5 s to 10 s, jitter, and {@code Retry-After} up to 30 s, until {@link PublisherSettings#timeLimit()}; one attempt takes at most
 * 30 s. Announcements are sent concurrently and may arrive in any order: wait for one before you send the next of the same
 * repository.
 *
 * <p>Thread-safe; no method blocks.
 */
public interface NotificationPublisher {

    /**
     * The server accepted an announcement. notify-proxy has it in its log then; the original service may still lose it.
     *
     * @param server the URL that accepted it
     * @param attempts the number of the attempt that succeeded, from 1; one attempt may send a request to each of two paths
     */
    record Receipt(URI server, int attempts) {}

    /**
     * The way of an announcement that a relay passes on for another publisher.
     *
     * @param relays the ids of the relays that it came through, this one last, so that a loop is noticed
     * @param authorizationOrNull the value of the header {@code Authorization} that its publisher sent, to be sent in place of the
     *     relay's own credentials; null to send those
     */
    record Passage(List<String> relays, @Nullable String authorizationOrNull) {

        public Passage {
            relays = List.copyOf(relays);
        }

        /** Does not show the credentials. */
        @Override
        public String toString() {
            return "through the relays " + relays;
        }
    }

    /** Passes on an announcement of another publisher, otherwise as {@link #publish}. */
    CompletableFuture<Receipt> pass(ActivityMessage message, Passage passage);

    /**
     * Sends the message's bytes unchanged.
     *
     * @return completes on a thread of the network, which must not be blocked. Cancelling it ends the request and the retries;
     *     whether the server accepted the message is then unknown. Fails with
     *     <ul>
     *       <li>{@link InvalidInputException} if the server finds the message invalid (400, 413, 422);
     *       <li>{@link RefusedException} if credentials or rights are missing (401, 403, 407);
     *       <li>{@link TransientFailureException} if the server was unreachable or busy until the time limit;
     *       <li>{@link PermanentFailureException} if there is no such service (404), its certificate is not trusted, it redirects,
     *           its answer is not a notification service's, or relays pass the message on in a circle (508, {@link Obstacle#LOOP}).
     *     </ul>
     */
    CompletableFuture<Receipt> publish(ActivityMessage message);
}
