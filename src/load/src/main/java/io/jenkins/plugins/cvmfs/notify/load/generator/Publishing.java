package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Publishes numbered messages, each with the time when it was due. On the main thread. */
final class Publishing {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long LONGEST_NANOS = 120 * NANOS_PER_SECOND;

    private final Numbered messages;
    private final Publisher publisher;
    private final Arrivals arrivals;
    private long sequence = Numbered.FIRST - 1;

    /** Publishes a last value. */
    Publishing(Order.Target target, Arrivals arrivals) throws IOException {
        this.messages = new Numbered(ThreadLocalRandom.current().nextInt(), target.repository());
        this.publisher = Publisher.to(target, arrivals);
        this.arrivals = arrivals;
        publisher.publish(next(System.nanoTime()));
    }

    private byte[] next(long dueNanos) {
        return messages.message(++sequence, dueNanos);
    }

    /**
     * So many, each when all of the one before have arrived.
     *
     * @param each deliveries of one message
     */
    void burst(int count, long each, Map<String, Double> to) throws IOException {
        Histogram untilLast = new Histogram(LONGEST_NANOS, 3);
        for (int i = 1; i <= count; i++) {
            long start = System.nanoTime();
            publisher.publish(next(start));
            long last = arrivals.await(i * each);
            untilLast.recordValue(Math.max(0, last - start));
            to.put("sentMicros", start / 1e3);
            to.put("lastMicros", last / 1e3);
        }
        Outcome.putPercentiles(to, "untilLast", untilLast);
    }

    /** So many a second, by the clock. */
    void rate(Order.Rate order, long each, Map<String, Double> to) throws IOException {
        long count = Math.round(order.perSecond() * order.seconds());
        Histogram answered = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long due = start + i * NANOS_PER_SECOND / order.perSecond();
            byte[] next = next(due);
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(this, left);
            }
            publisher.publish(next);
            answered.recordValue(System.nanoTime() - due);
        }
        var unused = arrivals.await(count * each);
        Outcome.putPercentiles(to, "answered", answered);
        to.put("messages", (double) count);
    }

    /** As fast as messages are answered. */
    void flood(Order.Flood order, Map<String, Double> to) throws IOException {
        Histogram answered = new Histogram(LONGEST_NANOS, 3);
        long start = System.nanoTime();
        long count = publisher.flood(
                order.atOnce(), () -> next(System.nanoTime()), start + (long) (order.seconds() * 1e9), answered);
        to.put("confirmedPerSecond", count / order.seconds());
        to.put("messages", (double) count);
        Outcome.putPercentiles(to, "answered", answered);
    }
}
