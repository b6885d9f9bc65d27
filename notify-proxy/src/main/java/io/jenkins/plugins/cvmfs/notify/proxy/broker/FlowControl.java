package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import com.rabbitmq.client.Channel;
import java.io.IOException;

/**
 * Lets the broker send only so many messages ahead. Acknowledging does nothing else here: a stream keeps its messages, and a queue
 * of ours is gone with the connection. On the consumer's thread.
 */
final class FlowControl {

    /** Messages that the broker sends before it waits for an acknowledgement. */
    static final int PREFETCH = 500;

    private final Channel channel;
    private int unacknowledged;

    FlowControl(Channel channel) {
        this.channel = channel;
    }

    /** A delivery has been worked off; they are, in order. */
    void done(long deliveryTag) throws IOException {
        unacknowledged++;
        if (unacknowledged >= PREFETCH / 2) {
            channel.basicAck(deliveryTag, true);
            unacknowledged = 0;
        }
    }
}
