package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.util.Optional;
import java.util.UUID;

/**
 * A message as it stands in the stream.
 *
 * @param offset its place in the stream
 * @param key the routing key it was published with
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
record StreamMessage(long offset, String key, MessageProperties label, byte[] body) {

    private static final String OFFSET = "x-stream-offset";

    /** Empty if it was not delivered by a stream. */
    static Optional<StreamMessage> of(String key, BasicProperties properties, byte[] body) {
        return properties.getHeaders() != null && properties.getHeaders().get(OFFSET) instanceof Long offset
                ? Optional.of(new StreamMessage(offset, key, MessageProperties.of(properties), body))
                : Optional.empty();
    }

    boolean isFence() {
        return key.equals(RoutingKeys.FENCE);
    }

    boolean isForget() {
        return key.equals(RoutingKeys.FORGOTTEN);
    }

    boolean isFenceOf(UUID session) {
        return isFence() && session.equals(label.idOrNull());
    }
}
