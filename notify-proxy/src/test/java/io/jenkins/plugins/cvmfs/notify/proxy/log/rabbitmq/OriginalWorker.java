package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;

/**
 * The broker's view of the original service: the same operations with the same arguments, in the same order. It declares the exchange
 * on each connection, reads a repository from an exclusive queue that the broker names, and publishes transient messages without
 * properties.
 */
final class OriginalWorker implements AutoCloseable {

    private static final int CHANNEL_MAX = 2047;
    private static final int HEARTBEAT_SECONDS = 30;

    /** What was delivered, in order. */
    final List<byte[]> received = new CopyOnWriteArrayList<>();

    private final String exchange;
    private final Connection connection;
    private final Channel channel;

    private OriginalWorker(AmqpSettings amqp) throws IOException, TimeoutException {
        ConnectionFactory factory = amqp.connections();
        factory.setRequestedChannelMax(CHANNEL_MAX);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setAutomaticRecoveryEnabled(false);
        exchange = amqp.exchange();
        connection = factory.newConnection();
        channel = connection.createChannel();
        channel.exchangeDeclare(exchange, BuiltinExchangeType.DIRECT, true, false, false, Map.of());
    }

    static OriginalWorker connect(AmqpSettings amqp) {
        try {
            return new OriginalWorker(amqp);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("the original service's user cannot do what it used to do", e);
        }
    }

    /** Subscribes to a repository, as for the first of its own subscribers. */
    OriginalWorker consume(String repository) {
        try {
            String queue =
                    channel.queueDeclare("", false, true, false, Map.of()).getQueue();
            channel.queueBind(queue, exchange, repository);
            channel.basicConsume(
                    queue,
                    false,
                    (tag, delivery) -> {
                        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                        received.add(delivery.getBody());
                    },
                    tag -> {});
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void publish(String repository, byte[] message) {
        try {
            channel.basicPublish(exchange, repository, false, new AMQP.BasicProperties(), message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        connection.abort();
    }
}
