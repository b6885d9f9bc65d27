package io.jenkins.plugins.cvmfs.notify.load.server;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import io.jenkins.plugins.cvmfs.notify.load.generator.Numbered;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * RabbitMQ's own Java client as fast as it goes, on a fresh broker: one connection, persistent messages, confirms, a window of {@value
 * #WINDOW}.
 *
 * @param queueType quorum or stream
 * @param seconds how long before, and how long it is measured
 */
public record RawAmqpClient(String queueType, double seconds) implements Baseline {

    private static final int WINDOW = 200;
    private static final int CONFIRM_SECONDS = 30;

    @Override
    public String title() {
        return "raw client, " + queueType;
    }

    @Override
    public String durability() {
        return queueType;
    }

    @Override
    public Map<String, Double> measure() throws IOException {
        try (RabbitMqNode node = RabbitMqNode.start();
                Connection connection = node.connect();
                Channel channel = connection.createChannel()) {
            String queue = declare(channel, queueType);
            channel.confirmSelect();
            Window window = new Window(channel);
            window.flood(queue, new byte[Numbered.BYTES], seconds);
            return Map.of("confirmedPerSecond", window.flood(queue, new byte[Numbered.BYTES], seconds));
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Declares a durable queue and returns its name. */
    private static String declare(Channel channel, String queueType) throws IOException {
        String queue = "load-" + queueType;
        channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", queueType));
        return queue;
    }

    /** Sent messages without a confirm; confirms come on the connection's own thread. */
    private static final class Window {

        private final Channel channel;
        private final Semaphore room = new Semaphore(WINDOW);
        private final NavigableSet<Long> open = new ConcurrentSkipListSet<>();
        private final AtomicLong confirmed = new AtomicLong();

        private volatile boolean refused;

        Window(Channel channel) {
            this.channel = channel;
            channel.addConfirmListener(this::confirmed, (tag, multiple) -> refused = true);
        }

        /** Returns how many a second were confirmed. */
        double flood(String queue, byte[] message, double seconds) throws IOException, InterruptedException {
            AMQP.BasicProperties persistent = MessageProperties.PERSISTENT_BASIC;
            long before = confirmed.get();
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            while (System.nanoTime() < end) {
                if (refused || !room.tryAcquire(CONFIRM_SECONDS, TimeUnit.SECONDS)) {
                    throw new IOException("the broker does not confirm");
                }
                open.add(channel.getNextPublishSeqNo());
                channel.basicPublish("", queue, true, persistent, message);
            }
            return (confirmed.get() - before) / ((System.nanoTime() - start) / 1e9);
        }

        private void confirmed(long tag, boolean multiple) {
            Set<Long> done = multiple ? open.headSet(tag, true) : open.subSet(tag, true, tag, true);
            int count = done.size();
            done.clear();
            confirmed.addAndGet(count);
            room.release(count);
        }
    }

    /**
     * RabbitMQ's own Java client at a steady rate, on a stream of a fresh broker: one connection publishes persistent messages with confirms, another
     * one consumes. The time is that from when a message was to be sent until the consumer is given it.
     *
     * @param perSecond messages a second
     * @param warmUpSeconds how long before it is measured
     * @param seconds how long it is measured
     */
    public record Latency(int perSecond, double warmUpSeconds, double seconds) implements Baseline {

        private static final long LONGEST_NANOS = 60_000_000_000L;
        private static final int PREFETCH = 100;

        @Override
        public String title() {
            return "raw client, stream";
        }

        @Override
        public String durability() {
            return "stream";
        }

        @Override
        public Map<String, Double> measure() throws IOException {
            try (RabbitMqNode node = RabbitMqNode.start();
                    Connection publishing = node.connect();
                    Connection consuming = node.connect();
                    Channel channel = publishing.createChannel()) {
                String queue = declare(channel, durability());
                channel.confirmSelect();
                var unused = send(channel, consuming, queue, (int) (perSecond * warmUpSeconds));
                return send(channel, consuming, queue, (int) (perSecond * seconds));
            } catch (TimeoutException e) {
                throw new IOException(e);
            }
        }

        private Map<String, Double> send(Channel channel, Connection consuming, String queue, int count)
                throws IOException {
            Receiver receiver = new Receiver(consuming.createChannel(), count);
            receiver.getChannel().basicQos(PREFETCH);
            receiver.getChannel().basicConsume(queue, false, Map.of("x-stream-offset", "next"), receiver);
            publish(channel, queue, count);
            return receiver.await();
        }

        private void publish(Channel channel, String queue, int count) throws IOException {
            AMQP.BasicProperties persistent = MessageProperties.PERSISTENT_BASIC;
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long intended = start + i * 1_000_000_000L / perSecond;
                byte[] message = new byte[Numbered.BYTES];
                ByteBuffer.wrap(message).putLong(intended);
                long left;
                while ((left = intended - System.nanoTime()) > 0) {
                    LockSupport.parkNanos(this, left);
                }
                channel.basicPublish("", queue, true, persistent, message);
            }
        }

        /** On a thread of the connection. */
        private static final class Receiver extends DefaultConsumer {

            private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
            private final CountDownLatch missing;

            Receiver(Channel channel, int total) {
                super(channel);
                this.missing = new CountDownLatch(total);
            }

            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                long took = System.nanoTime() - ByteBuffer.wrap(body).getLong();
                latency.recordValue(Math.max(0, Math.min(took, LONGEST_NANOS)));
                getChannel().basicAck(envelope.getDeliveryTag(), false);
                missing.countDown();
            }

            /** Waits until all have come, and consumes no more. */
            Map<String, Double> await() throws IOException {
                try {
                    if (!missing.await(1, TimeUnit.MINUTES)) {
                        throw new IOException("%d messages are missing".formatted(missing.getCount()));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException(e);
                }
                getChannel().abort();
                return Map.of(
                        "latencyP50Micros", latency.getValueAtPercentile(50) / 1000.0,
                        "latencyP99Micros", latency.getValueAtPercentile(99) / 1000.0);
            }
        }
    }
}
