package io.jenkins.plugins.cvmfs.notify.load.generator;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Publishes to RabbitMQ with its own client, and waits for its confirm. The message is kept nowhere. */
final class AmqpPublisher implements Publisher {

    private static final long CONFIRM_MILLIS = 30_000;

    private final Connection connection;
    private final Channel channel;

    AmqpPublisher(Order.Target target) throws IOException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(target.host());
        factory.setPort(target.amqpPort());
        try {
            connection = factory.newConnection("load");
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
        channel = connection.createChannel();
        channel.confirmSelect();
    }

    @Override
    public void send(String repository, byte[] message) throws IOException {
        channel.basicPublish(Dialect.AMQP_EXCHANGE, repository, null, message);
    }

    @Override
    public void awaitAnswer() throws IOException {
        try {
            channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (TimeoutException e) {
            throw new IOException("the broker does not confirm", e);
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
