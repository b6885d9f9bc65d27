package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Publishes numbered messages, and remembers when each was to be sent. On the main thread. */
final class Publishing implements AutoCloseable {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long LONGEST_NANOS = 120 * NANOS_PER_SECOND;

    private final Order.Target target;
    private final Numbered messages;
    private final Arrivals arrivals;
    private final PublishConnection connection;
    private long sequence;

    Publishing(Order.Target target, Numbered messages, Arrivals arrivals) throws IOException {
        this.target = target;
        this.messages = messages;
        this.arrivals = arrivals;
        this.connection = PublishConnection.blocking(target);
    }

    /** Returns the request with the next message, which is to be sent at this time. */
    private byte[] next(long intendedNanos) {
        sequence++;
        arrivals.intended(sequence, intendedNanos);
        return target.dialect().publish(target.repositoryName(), messages.message(target.repository(), sequence));
    }

    /** Publishes a last value. */
    void publishFirst() throws IOException {
        connection.send(next(System.nanoTime()));
        connection.awaitAnswer();
    }

    /**
     * So many, each when all of the one before have arrived.
     *
     * @param each deliveries of one message
     */
    void burst(int count, long each, Outcome.Builder to) throws IOException {
        Histogram untilLast = new Histogram(LONGEST_NANOS, 3);
        for (int i = 1; i <= count; i++) {
            byte[] next = next(System.nanoTime());
            long start = System.nanoTime();
            connection.send(next);
            long lastArrival = arrivals.await(i * each, timeoutNanos(each));
            if (lastArrival == 0) {
                to.problem("message %d did not reach everybody in time".formatted(i));
                return;
            }
            untilLast.recordValue(Math.max(0, lastArrival - start));
            connection.awaitAnswer();
        }
        to.putPercentiles("untilLast", untilLast);
    }

    /** So many a second, by the clock. */
    void rate(Order.Rate order, long each, Outcome.Builder to) throws IOException {
        long count = Math.round(order.perSecond() * order.seconds());
        Histogram answered = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long intended = start + i * NANOS_PER_SECOND / order.perSecond();
            byte[] next = next(intended);
            long left;
            while ((left = intended - System.nanoTime()) > 0) {
                LockSupport.parkNanos(this, left);
            }
            connection.send(next);
            connection.awaitAnswer();
            answered.recordValue(System.nanoTime() - intended);
        }
        if (each > 0 && arrivals.await(count * each, timeoutNanos(each)) == 0) {
            to.problem("not everything arrived in time");
        }
        to.putPercentiles("answered", answered);
        to.put("messages", count);
    }

    /** Publishes on many connections at once, on each as soon as the one before is answered. */
    void flood(Order.Flood order, Outcome.Builder to) throws IOException {
        new Flood().run(order, to);
    }

    /** Ten seconds and one millisecond a delivery, a multiple of what the slowest server needed. */
    private static long timeoutNanos(long deliveries) {
        return 10 * NANOS_PER_SECOND + deliveries * 1_000_000;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    /** Many connections that publish as fast as they are answered. On the main thread. */
    private final class Flood {

        private final Histogram answered = new Histogram(LONGEST_NANOS, 3);
        private long confirmed;

        void run(Order.Flood order, Outcome.Builder to) throws IOException {
            List<PublishConnection> connections = new ArrayList<>();
            try (Selector selector = Selector.open()) {
                for (int i = 0; i < order.connections(); i++) {
                    connections.add(PublishConnection.selected(target, selector, connection -> new Sender(connection)));
                }
                long start = System.nanoTime();
                long end = start + (long) (order.seconds() * 1e9);
                for (SelectionKey key : selector.keys()) {
                    ((Sender) key.attachment()).send();
                }
                while (System.nanoTime() < end) {
                    selector.select(key -> answered((Sender) key.attachment()), 100);
                }
                to.put("confirmedPerSecond", confirmed / ((System.nanoTime() - start) / 1e9));
                to.put("messages", confirmed);
                to.putPercentiles("answered", answered);
            } finally {
                for (PublishConnection connection : connections) {
                    connection.close();
                }
            }
        }

        private void answered(Sender sender) {
            try {
                if (sender.connection.readAnswer()) {
                    answered.recordValue(System.nanoTime() - sender.sentAtNanos);
                    confirmed++;
                    sender.send();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private final class Sender {

            private final PublishConnection connection;
            private long sentAtNanos;

            Sender(PublishConnection connection) {
                this.connection = connection;
            }

            void send() throws IOException {
                sentAtNanos = System.nanoTime();
                byte[] next = next(sentAtNanos);
                connection.send(next);
            }
        }
    }
}
