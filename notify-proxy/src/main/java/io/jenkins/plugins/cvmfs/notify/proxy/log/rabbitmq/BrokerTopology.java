package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Declares the exchange and the stream with whatever rights the user has: what exists is used as it is, what does not is created.
 * Each attempt has its own channel, as the broker closes the channel of one that it refuses. Blocks.
 */
public final class BrokerTopology {

    private static final int PRECONDITION_FAILED = 406;
    private static final long LARGEST_SEGMENT = 64L * 1024 * 1024;
    private static final int LEAST_SEGMENTS = 8;

    private final Connection connection;
    private final AmqpConfig config;

    BrokerTopology(Connection connection, AmqpConfig config) {
        this.connection = connection;
        this.config = config;
    }

    @FunctionalInterface
    private interface Attempt {
        void on(Channel channel) throws IOException;
    }

    /** Creates the exchange if it does not exist. */
    void ensureExchange() throws IOException {
        Optional<IOException> refusal = refusalOf(channel -> channel.exchangeDeclarePassive(config.exchange()));
        if (refusal.isPresent() && BrokerError.replyCode(refusal.get()) == BrokerError.NOT_FOUND) {
            refusal =
                    refusalOf(channel -> channel.exchangeDeclare(config.exchange(), BuiltinExchangeType.DIRECT, true));
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    /**
     * Creates the stream if it does not exist, and checks whether the user may bind and read it.
     *
     * @return why this user cannot have a stream; empty if it can
     * @throws IOException if that is not known now
     */
    Optional<BrokerError> ensureStream() throws IOException {
        Optional<IOException> refusal = declareStream();
        if (refusal.isEmpty()) {
            refusal = refusalOf(this::bindAndRead);
        }
        if (refusal.isPresent() && !isLasting(refusal.get())) {
            throw refusal.get();
        }
        return refusal.map(BrokerError::of);
    }

    private Optional<IOException> declareStream() throws IOException {
        Optional<IOException> refusal =
                refusalOf(channel -> channel.queueDeclare(config.streamName(), true, false, false, streamArguments()));
        boolean mayBeThere = refusal.map(BrokerError::replyCode)
                .filter(code -> code == BrokerError.ACCESS_REFUSED || code == PRECONDITION_FAILED)
                .isPresent();
        return mayBeThere && isThere() ? Optional.empty() : refusal;
    }

    private boolean isThere() throws IOException {
        return refusalOf(channel -> channel.queueDeclarePassive(config.streamName()))
                .isEmpty();
    }

    /**
     * Returns the segment size, in bytes, for a stream that keeps so many. A stream drops its oldest part a whole segment at a time, so it
     * must have several to keep to its limit.
     */
    public static long segmentBytes(long streamMaxBytes) {
        return Math.min(LARGEST_SEGMENT, streamMaxBytes / LEAST_SEGMENTS);
    }

    private Map<String, Object> streamArguments() {
        return Map.of(
                "x-queue-type",
                "stream",
                "x-max-length-bytes",
                config.streamMaxBytes(),
                "x-stream-max-segment-size-bytes",
                segmentBytes(config.streamMaxBytes()));
    }

    private void bindAndRead(Channel channel) throws IOException {
        channel.queueBind(config.streamName(), config.exchange(), RoutingKeys.FENCE);
        channel.basicQos(1);
        String tag = channel.basicConsume(
                config.streamName(), false, Map.of("x-stream-offset", "next"), new DefaultConsumer(channel));
        channel.basicCancel(tag);
    }

    /** Returns whether the next attempt is refused too, unless an administrator changes rights or queues: not so while a broker is starting. */
    private static boolean isLasting(IOException refusal) {
        String text = BrokerError.replyText(refusal);
        boolean isNoStream = text.contains("'x-queue-type'") || text.contains("'x-stream-offset'");
        return switch (BrokerError.replyCode(refusal)) {
            case BrokerError.ACCESS_REFUSED -> true;
            case PRECONDITION_FAILED -> isNoStream;
            default -> false;
        };
    }

    /** Why the broker refuses this; empty if it does not. */
    private Optional<IOException> refusalOf(Attempt attempt) throws IOException {
        Channel channel = connection.createChannel();
        try {
            attempt.on(channel);
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            if (BrokerError.replyCode(e) == 0 || !connection.isOpen()) {
                throw e;
            }
            return Optional.of(e);
        } catch (TimeoutException e) {
            throw new IOException("the broker does not answer", e);
        }
    }
}
