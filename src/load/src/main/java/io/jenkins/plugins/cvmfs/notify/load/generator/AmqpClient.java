package io.jenkins.plugins.cvmfs.notify.load.generator;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * RabbitMQ's own Java client, used as the proxy uses it: one connection publishes persistent, mandatory messages with the same
 * properties to the same exchange, and has them confirmed; another one reads the stream. Confirms and deliveries come on threads of
 * the connections.
 */
final class AmqpClient implements Publisher {

    private static final String EXCHANGE = "repository.activity";
    private static final String STREAM = "load.stream";
    private static final long STREAM_BYTES = 1L << 30;
    private static final long SEGMENT_BYTES = 64L << 20;
    private static final int PREFETCH = 500;
    private static final int PATIENCE_SECONDS = 30;

    private final Channel publishing;
    private final String key;
    private final Arrivals arrivals;
    /** When each was sent, by the number under which it is confirmed. */
    private final ConcurrentSkipListMap<Long, Long> open = new ConcurrentSkipListMap<>();
    /** Confirms that have come and were not waited for. */
    private final Semaphore confirmed = new Semaphore(0);

    private final Semaphore read = new Semaphore(0);
    private int unread;
    private volatile boolean isRefused;
    private volatile Histogram answered = new Histogram(3);

    AmqpClient(Order.Target target, Arrivals arrivals) throws IOException {
        this.key = target.repositoryName();
        this.arrivals = arrivals;
        this.publishing = connect(target).createChannel();
        publishing.exchangeDeclare(EXCHANGE, BuiltinExchangeType.DIRECT, true);
        publishing.queueDeclare(
                STREAM,
                true,
                false,
                false,
                Map.of(
                        "x-queue-type", "stream",
                        "x-max-length-bytes", STREAM_BYTES,
                        "x-stream-max-segment-size-bytes", SEGMENT_BYTES));
        publishing.queueBind(STREAM, EXCHANGE, key);
        publishing.addReturnListener(message -> isRefused = true);
        publishing.addConfirmListener(this::confirmed, (number, multiple) -> isRefused = true);
        publishing.confirmSelect();
        Channel reading = connect(target).createChannel();
        reading.basicQos(PREFETCH);
        reading.basicConsume(STREAM, false, Map.of("x-stream-offset", "first"), new Reader(reading));
    }

    private static Connection connect(Order.Target target) throws IOException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(target.port());
        factory.setAutomaticRecoveryEnabled(false);
        try {
            return factory.newConnection("load");
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }

    private void send(byte[] message) throws IOException {
        Instant now = Instant.now();
        BasicProperties properties = new BasicProperties.Builder()
                .appId("cvmfs-notify")
                .deliveryMode(2)
                .messageId(UUID.randomUUID().toString())
                .timestamp(Date.from(now))
                .headers(Map.of(
                        "x-cvmfs-notify-announced-at", now.toEpochMilli(), "x-cvmfs-notify-epoch", "0123456789abcdef"))
                .build();
        open.put(publishing.getNextPublishSeqNo(), System.nanoTime());
        publishing.basicPublish(EXCHANGE, key, true, properties, message);
    }

    private void confirmed(long number, boolean multiple) {
        Map<Long, Long> done = multiple ? open.headMap(number, true) : open.subMap(number, true, number, true);
        int count = 0;
        for (long sentNanos : done.values()) {
            answered.recordValue(System.nanoTime() - sentNanos);
            count++;
        }
        done.clear();
        confirmed.release(count);
    }

    private void await(Semaphore what, int count) throws IOException {
        try {
            if (!what.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS) || isRefused) {
                throw new IOException("the broker does not confirm or deliver a message");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void publish(byte[] message) throws IOException {
        send(message);
        await(confirmed, 1);
        unread++;
    }

    /** Also waits, after the end, until all has been read. */
    @Override
    public long flood(int atOnce, Supplier<byte[]> messages, long endNanos, Histogram times) throws IOException {
        answered = times;
        for (int i = 0; i < atOnce; i++) {
            send(messages.get());
        }
        int count = 0;
        while (System.nanoTime() < endNanos) {
            await(confirmed, 1);
            send(messages.get());
            count++;
        }
        await(confirmed, atOnce);
        await(read, unread + count + atOnce);
        unread = 0;
        return count;
    }

    /** The one reader, which counts as a subscriber. */
    private final class Reader extends DefaultConsumer {

        private long newest = Numbered.FIRST - 1;
        private int unacknowledged;

        Reader(Channel channel) {
            super(channel);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
            ByteBuffer message = ByteBuffer.wrap(body);
            long sequence = Numbered.sequence(message, 0);
            arrivals.arrived(sequence, newest, Numbered.dueNanos(message, 0), System.nanoTime());
            newest = sequence;
            read.release();
            if (++unacknowledged >= PREFETCH / 2) {
                getChannel().basicAck(envelope.getDeliveryTag(), true);
                unacknowledged = 0;
            }
        }
    }
}
