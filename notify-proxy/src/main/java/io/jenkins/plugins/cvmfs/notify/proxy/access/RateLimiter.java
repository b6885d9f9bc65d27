package io.jenkins.plugins.cvmfs.notify.proxy.access;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits the rate of each of many keys (a virtual scheduling algorithm): a number per second in the long run, and a burst of ten seconds'
 * worth. Keeps {@value #MOST_KEYS} keys, and forgets those that are idle; keys that do not fit share one rate. Thread-safe.
 */
public final class RateLimiter<K> {

    static final int BURST_SECONDS = 10;
    static final int MOST_KEYS = 65_536;

    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<Object, Long> usedUntil = new ConcurrentHashMap<>();

    /** @param perSecond 0 for no limit */
    public RateLimiter(int perSecond) {
        this(perSecond, System::nanoTime);
    }

    /** The same by another clock. */
    public RateLimiter(int perSecond, LongSupplier nanoTime) {
        this.intervalNanos = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.nanoTime = nanoTime;
    }

    /** Counts one use; or, if the key exceeds its rate, returns the time until it may try again, and counts nothing. */
    public Optional<Duration> take(K key) {
        if (intervalNanos == 0) {
            return Optional.empty();
        }
        long now = nanoTime.getAsLong();
        long[] wait = new long[1];
        usedUntil.compute(keptKey(key, now), (same, until) -> {
            long begin = until == null || until - now < 0 ? now : until;
            long over = begin + intervalNanos - now - TimeUnit.SECONDS.toNanos(BURST_SECONDS);
            wait[0] = Math.max(0, over);
            return over > 0 ? begin : begin + intervalNanos;
        });
        return wait[0] == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(wait[0]));
    }

    private Object keptKey(K key, long now) {
        if (usedUntil.size() < MOST_KEYS || usedUntil.containsKey(key)) {
            return key;
        }
        usedUntil.values().removeIf(until -> until - now < 0);
        return usedUntil.size() < MOST_KEYS ? key : this;
    }

    int kept() {
        return usedUntil.size();
    }
}
