package io.jenkins.plugins.cvmfs.notify.load.baseline;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * RabbitMQ's own Java client: one connection, persistent messages, confirms, a window of {@value #WINDOW}.
 *
 * @param broker such as {@code amqp://guest:guest@127.0.0.1:5672/%2f}; it is given a queue, which is deleted again
 * @param queueType quorum or stream
 */
public record RawAmqpClient(URI broker, String queueType) implements Baseline {

    private static final int WINDOW = 200;
    private static final int CONFIRM_SECONDS = 30;

    @Override
    public String name() {
        return "raw AMQP client";
    }

    @Override
    public String durability() {
        return queueType;
    }

    @Override
    public double messagesPerSecond(int messageBytes, double seconds) throws IOException {
        String queue = "load-" + queueType;
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", queueType));
            try {
                return flood(channel, queue, new byte[messageBytes], seconds);
            } finally {
                channel.queueDelete(queue);
            }
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private Connection connect() throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(broker.toString());
        } catch (URISyntaxException | GeneralSecurityException e) {
            throw new IOException(e);
        }
        return factory.newConnection("load");
    }

    private static double flood(Channel channel, String queue, byte[] message, double seconds)
            throws IOException, InterruptedException {
        AMQP.BasicProperties persistent = MessageProperties.PERSISTENT_BASIC;
        Window window = new Window();
        channel.confirmSelect();
        channel.addConfirmListener(window::confirmed, (tag, multiple) -> window.refused());
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            window.enter();
            channel.basicPublish("", queue, true, persistent, message);
        }
        return window.confirmedSoFar() / ((System.nanoTime() - start) / 1e9);
    }

    /** What has been sent and not confirmed; confirms come on the connection's own thread. */
    private static final class Window {

        private final Semaphore room = new Semaphore(WINDOW);
        private volatile long confirmed;
        private volatile boolean refused;

        void enter() throws IOException, InterruptedException {
            if (refused || !room.tryAcquire(CONFIRM_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the broker does not confirm");
            }
        }

        void confirmed(long tag, boolean multiple) {
            // Tags count from 1; the broker confirms what is between out of order only for a moment.
            long before = confirmed;
            if (tag > before) {
                confirmed = tag;
                room.release((int) (tag - before));
            }
        }

        void refused() {
            refused = true;
        }

        long confirmedSoFar() {
            return confirmed;
        }
    }
}
