package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the announcements of one session, and catches up with those made while there was no session. */
sealed interface BrokerConsumer permits QueueConsumer, StreamConsumer {

    /** {@code queue} or {@code stream}. */
    String kind();

    /** The queue to bind repositories' keys to. */
    String queue();

    /** The keys to bind to that queue besides those of repositories and the probe. */
    List<String> keys();

    /** A key that no other proxy binds, for messages that are not read. */
    String probeKey();

    /** Starts to read, and asks for what was missed. On the broker thread, after the keys are bound. */
    void begin(ConfirmingPublisher publisher) throws IOException;

    /** Catches up with what was announced of these repositories before their keys were bound. On the broker thread. */
    void added(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException;

    /** Tells others that need to know that the keys of these repositories are no longer bound. On the broker thread. */
    void removed(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException;

    /** Acknowledges, and checks whether reading has stalled. Every second or so, on the broker thread. */
    void check() throws IOException;

    /** Returns whether what was missed has been delivered, and new announcements are. From any thread. */
    boolean isCaughtUp();

    /** Returns the time since the last delivery. From any thread. */
    Duration silence();

    /** The epoch of the stream, once it is known; empty for a queue. From any thread. */
    Optional<String> epoch();

    /**
     * Acknowledges deliveries, so that the broker sends the next ones: many at a time, but none much later than {@link #LONGEST_DELAY},
     * because RabbitMQ closes a channel on which one is left for longer than its {@code consumer_timeout}. Acknowledging has no other
     * effect here: a stream keeps its messages, and our queue is gone with the connection.
     *
     * <p>Two threads acknowledge: the consumer's by number, the broker thread by time. A tag must not be acknowledged after a higher one,
     * so each holds the lock until its frame is written.
     */
    final class FlowControl {

        /** Messages that the broker sends before it waits for an acknowledgement. */
        static final int PREFETCH = 500;

        private static final Duration LONGEST_DELAY = Duration.ofSeconds(1);

        private final Channel channel;
        private int unacknowledged;
        private long lastTag;
        private long oldestNanos;

        FlowControl(Channel channel) {
            this.channel = channel;
        }

        /** Notes that a delivery has been processed, in order. On the consumer's thread. */
        synchronized void done(long deliveryTag) throws IOException {
            if (unacknowledged == 0) {
                oldestNanos = System.nanoTime();
            }
            unacknowledged++;
            lastTag = deliveryTag;
            if (unacknowledged >= PREFETCH / 2) {
                acknowledge();
            }
        }

        /** Acknowledges what has been processed if that is due; called every second or so. On the broker thread. */
        synchronized void acknowledgeIfDue() throws IOException {
            if (unacknowledged > 0 && System.nanoTime() - oldestNanos >= LONGEST_DELAY.toNanos()) {
                acknowledge();
            }
        }

        private void acknowledge() throws IOException {
            channel.basicAck(lastTag, true);
            unacknowledged = 0;
        }
    }
}
