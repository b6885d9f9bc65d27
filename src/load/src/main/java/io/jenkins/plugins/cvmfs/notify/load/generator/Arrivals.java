package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts what arrives: each message once and in order at each subscriber, and how long after it was due. From any thread. */
final class Arrivals {

    private static final long LONGEST_NANOS = 120_000_000_000L;

    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private long delivered;
    private long lost;
    private long duplicated;
    private long outOfOrder;
    private long lastNanos;
    private long awaited = Long.MAX_VALUE;

    /**
     * Counts a message that is not a subscriber's first.
     *
     * @param previous the newest that this subscriber had before
     * @param dueNanos when it was to be sent
     * @param nowNanos when its last byte was read
     */
    synchronized void arrived(long sequence, long previous, long dueNanos, long nowNanos) {
        if (sequence == previous) {
            duplicated++;
        } else if (sequence < previous) {
            outOfOrder++;
        } else {
            lost += sequence - previous - 1;
            delivered++;
            lastNanos = nowNanos;
            latency.recordValue(Math.max(0, Math.min(nowNanos - dueNanos, LONGEST_NANOS)));
            if (delivered >= awaited) {
                notifyAll();
            }
        }
    }

    /**
     * Waits until so many have arrived since the last reset, ten seconds and one millisecond for each: a multiple of what the slowest
     * server needed.
     *
     * @return when the last of them did
     * @throws IOException if they do not come in time
     */
    synchronized long await(long total) throws IOException {
        long deadline = System.nanoTime() + 10_000_000_000L + total * 1_000_000;
        awaited = total;
        while (delivered < total) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new IOException("%d of %d deliveries arrived in time".formatted(delivered, total));
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
        awaited = Long.MAX_VALUE;
        return lastNanos;
    }

    synchronized void reset() {
        latency.reset();
        delivered = 0;
        lost = 0;
        duplicated = 0;
        outOfOrder = 0;
    }

    /**
     * Adds the counts.
     *
     * @throws IOException if something was lost, doubled or out of order
     */
    synchronized void report(Map<String, Double> to) throws IOException {
        to.put("deliveries", (double) delivered);
        to.put("lost", (double) lost);
        to.put("duplicated", (double) duplicated);
        to.put("outOfOrder", (double) outOfOrder);
        Outcome.putPercentiles(to, "latency", latency);
        if (lost + duplicated + outOfOrder > 0) {
            throw new IOException("messages were lost, doubled or out of order: " + to);
        }
    }
}
