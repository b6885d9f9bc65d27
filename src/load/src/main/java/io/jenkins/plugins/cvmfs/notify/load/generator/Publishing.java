package io.jenkins.plugins.cvmfs.notify.load.generator;

import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Publishes numbered messages, and remembers when each was to be sent. On the main thread. */
final class Publishing implements AutoCloseable {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long LONGEST_NANOS = 120 * NANOS_PER_SECOND;

    private final Order.Target target;
    private final Numbered messages;
    private final Arrivals arrivals;
    private final Publisher publisher;
    private final long[] sequences;
    private int turn;

    Publishing(Order.Target target, Numbered messages, Arrivals arrivals) throws IOException {
        this.target = target;
        this.messages = messages;
        this.arrivals = arrivals;
        this.sequences = new long[target.repositories()];
        this.publisher = Publisher.to(target);
    }

    /** A message and where it belongs. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    record Next(String repository, byte[] message) {}

    /** The next message, of the repository whose turn it is, to be sent at this time. */
    Next next(long intendedNanos) {
        int slot = turn++ % sequences.length;
        int repository = target.firstRepository() + slot;
        long sequence = ++sequences[slot];
        arrivals.intended(repository, sequence, intendedNanos);
        return new Next(Numbered.repository(repository), messages.message(repository, sequence));
    }

    private void send(Next next) throws IOException {
        publisher.send(next.repository(), next.message());
    }

    /** One message of each repository. */
    void publishFirstValues() throws IOException {
        for (int i = 0; i < sequences.length; i++) {
            send(next(System.nanoTime()));
            publisher.awaitAnswer();
        }
    }

    /**
     * So many, each when all of the one before have arrived.
     *
     * @param each deliveries of one message
     */
    void burst(int count, long each, OutcomeBuilder to) throws IOException {
        Histogram untilLast = new Histogram(LONGEST_NANOS, 3);
        for (int i = 1; i <= count; i++) {
            Next next = next(System.nanoTime());
            long start = System.nanoTime();
            send(next);
            long lastArrival = arrivals.await(i * each, Patience.toDeliver(each));
            if (lastArrival == 0) {
                to.problem("message %d did not reach everybody in time".formatted(i));
                return;
            }
            untilLast.recordValue(Math.max(0, lastArrival - start));
            publisher.awaitAnswer();
        }
        to.putPercentiles("untilLast", untilLast);
    }

    /** So many a second, by the clock. */
    void rate(Order.Rate order, long each, OutcomeBuilder to) throws IOException {
        long count = Math.round(order.perSecond() * order.seconds());
        Histogram answered = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long intended = start + i * NANOS_PER_SECOND / order.perSecond();
            Next next = next(intended);
            long left;
            while ((left = intended - System.nanoTime()) > 0) {
                LockSupport.parkNanos(this, left);
            }
            send(next);
            publisher.awaitAnswer();
            answered.recordValue(System.nanoTime() - intended);
        }
        if (each > 0 && arrivals.await(count * each, Patience.toDeliver(each)) == 0) {
            to.problem("not everything arrived in time");
        }
        to.putPercentiles("answered", answered);
        to.put("messages", count);
    }

    @Override
    public void close() throws IOException {
        publisher.close();
    }
}
