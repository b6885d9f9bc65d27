package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Finds out where a stream begins, which the broker tells only by delivering its first message. An administrator's limits are not known to
 * proxies, but show in this.
 */
final class StreamBeginning extends DefaultConsumer {

    private final LongConsumer finding;

    private StreamBeginning(Channel channel, LongConsumer finding) {
        super(channel);
        this.finding = finding;
    }

    /**
     * Begins to look; does not wait for the answer.
     *
     * @param finding is told the first offset, on the connection's thread for consumers; not at all if the stream is empty or gone
     */
    static void look(Connection connection, String stream, LongConsumer finding) throws IOException {
        Channel channel = connection.createChannel();
        channel.basicQos(1);
        channel.basicConsume(stream, false, Map.of("x-stream-offset", "first"), new StreamBeginning(channel, finding));
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
            throws IOException {
        StreamMessage.of(envelope.getRoutingKey(), properties, body).ifPresent(first -> finding.accept(first.offset()));
        getChannel().abort();
    }
}
