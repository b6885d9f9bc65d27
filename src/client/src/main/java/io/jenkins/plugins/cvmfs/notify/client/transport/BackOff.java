package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Exponential back-off with jitter: a range doubles with each pause, up to a longest, and the pause is drawn from its upper half, so
 * that the clients of one server do not all return at the same moment. Not thread-safe.
 */
public final class BackOff {

    /** A pause that a server asks for is cut to this. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

    private final Duration first;
    private final Duration longest;
    private final DoubleSupplier random;
    private Duration ceiling;

    /** @param random supplies numbers from 0 to less than 1 */
    public BackOff(Duration first, Duration longest, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        this.ceiling = first;
    }

    /** Returns the next pause and doubles the range. */
    public Duration next() {
        Duration pause = Duration.ofMillis(Math.round(ceiling.toMillis() * (1 + random.getAsDouble()) / 2));
        Duration doubled = ceiling.multipliedBy(2);
        ceiling = doubled.compareTo(longest) > 0 ? longest : doubled;
        return pause;
    }

    /** Returns the next pause, extended to the one that the server asks for in {@code Retry-After}, up to 30 s. */
    Duration next(NotifyException failure) {
        return next(
                failure instanceof ServerBusyException busy ? busy.retryAfter() : Duration.ZERO, LONGEST_RETRY_AFTER);
    }

    /** Returns the next pause, extended to the one that the server asks for, but that only up to {@code mostAsked}. */
    public Duration next(Duration asked, Duration mostAsked) {
        Duration own = next();
        Duration granted = asked.compareTo(mostAsked) > 0 ? mostAsked : asked;
        return granted.compareTo(own) > 0 ? granted : own;
    }

    /** Starts again with the shortest pause. */
    public void reset() {
        ceiling = first;
    }
}
