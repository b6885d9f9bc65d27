package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.time.Duration;

/**
 * Acknowledges deliveries, so that the broker sends the next ones: many at a time, but none much later than {@link #LONGEST_DELAY},
 * because RabbitMQ closes a channel on which one is left for longer than its {@code consumer_timeout}. Acknowledging has no other effect
 * here: a stream keeps its messages, and a queue of ours is gone with the connection.
 *
 * <p>Two threads acknowledge: the consumer's by number, the link's by time. A tag must not be acknowledged after a higher one, so each
 * holds the lock until its frame is written.
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

    /** A delivery has been processed; they are, in order. On the consumer's thread. */
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

    /** Acknowledges what has been processed if that is due; called every second or so. On the link's thread. */
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
