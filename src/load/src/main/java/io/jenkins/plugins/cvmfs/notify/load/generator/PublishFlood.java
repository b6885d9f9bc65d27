package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Many connections that publish as fast as they are answered. On the main thread. */
final class PublishFlood {

    private static final long LONGEST_NANOS = 120_000_000_000L;

    private final Publishing publishing;
    private final Histogram answered = new Histogram(LONGEST_NANOS, 3);
    private long confirmed;

    PublishFlood(Publishing publishing) {
        this.publishing = publishing;
    }

    void run(Order.Target target, Order.Flood order, OutcomeBuilder to) throws IOException {
        List<PublishConnection> connections = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < order.connections(); i++) {
                connections.add(
                        PublishConnection.selected(target, selector, connection -> new Sender(target, connection)));
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

        private final Order.Target target;
        private final PublishConnection connection;
        private long sentAtNanos;

        Sender(Order.Target target, PublishConnection connection) {
            this.target = target;
            this.connection = connection;
        }

        void send() throws IOException {
            sentAtNanos = System.nanoTime();
            Publishing.Next next = publishing.next(sentAtNanos);
            connection.send(target.dialect().publish(next.repository(), next.message()));
        }
    }
}
