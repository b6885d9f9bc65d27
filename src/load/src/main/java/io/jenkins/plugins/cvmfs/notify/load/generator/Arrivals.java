package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Counts what arrives: each message once and in order at each subscriber, and how long after it was to be sent. Written by the
 * swarm's thread; one other thread may wait for a total.
 */
final class Arrivals {

    private static final long LONGEST_NANOS = 120_000_000_000L;
    private static final int REMEMBERED = 1 << 20;

    /** Intended send times by sequence; written by the publishing thread. */
    private final AtomicLongArray intendedNanos = new AtomicLongArray(REMEMBERED);

    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private long delivered;
    private long lost;
    private long duplicated;
    private long outOfOrder;

    private volatile long visibleDelivered;
    private volatile long lastArrivalNanos;
    private volatile long awaited = Long.MAX_VALUE;
    private volatile @Nullable Thread waiter;

    void intended(long sequence, long atNanos) {
        intendedNanos.setRelease(slot(sequence), atNanos);
    }

    private static int slot(long sequence) {
        return (int) sequence & (REMEMBERED - 1);
    }

    /** Counts a message that is not a subscriber's first. */
    void arrived(long sequence, long previous, long nowNanos) {
        if (sequence <= previous) {
            if (sequence == previous) {
                duplicated++;
            } else {
                outOfOrder++;
            }
            return;
        }
        lost += sequence - previous - 1;
        delivered++;
        long took = nowNanos - intendedNanos.getAcquire(slot(sequence));
        latency.recordValue(Math.max(0, Math.min(took, LONGEST_NANOS)));
    }

    /** Makes what was counted visible to the waiting thread. */
    void publish(long nowNanos) {
        if (delivered != visibleDelivered) {
            lastArrivalNanos = nowNanos;
            visibleDelivered = delivered;
            if (delivered >= awaited) {
                LockSupport.unpark(waiter);
            }
        }
    }

    /** Waits until so many have arrived since the last reset; returns when the last of them did, or 0 if time ran out. */
    long await(long total, long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        waiter = Thread.currentThread();
        awaited = total;
        while (visibleDelivered < total) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return 0;
            }
            LockSupport.parkNanos(this, left);
        }
        return lastArrivalNanos;
    }

    /** On the swarm's thread. */
    void reset() {
        latency.reset();
        delivered = 0;
        lost = 0;
        duplicated = 0;
        outOfOrder = 0;
        visibleDelivered = 0;
        awaited = Long.MAX_VALUE;
    }

    /** On the swarm's thread. */
    void report(Outcome.Builder to) {
        to.put("deliveries", delivered)
                .put("lost", lost)
                .put("duplicated", duplicated)
                .put("outOfOrder", outOfOrder)
                .putPercentiles("latency", latency);
    }
}
