package io.jenkins.plugins.cvmfs.notify.load.baseline;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqNode;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

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
    public Map<String, Double> measure(int messageBytes) throws IOException {
        try (RabbitMqNode node = RabbitMqNode.start();
                Connection connection = RawQueue.connect(node);
                Channel channel = connection.createChannel()) {
            String queue = RawQueue.declare(channel, queueType);
            channel.confirmSelect();
            Window window = new Window(channel);
            window.flood(queue, new byte[messageBytes], seconds);
            double before = node.usage().cpuSeconds();
            long ownBefore = OwnCpu.nanos();
            double perSecond = window.flood(queue, new byte[messageBytes], seconds);
            return Map.of(
                    "confirmedPerSecond",
                    perSecond,
                    "clientCpuSeconds",
                    (OwnCpu.nanos() - ownBefore) / 1e9,
                    "behindCpuSeconds",
                    node.usage().cpuSeconds() - before);
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** What has been sent and not confirmed; confirms come on the connection's own thread. */
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
}
