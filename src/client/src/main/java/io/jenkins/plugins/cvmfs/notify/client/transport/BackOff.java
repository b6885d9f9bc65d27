package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Pauses between attempts: each at most twice as long as the one before, up to a longest, and each drawn from the upper half of
 * that, so that many clients of one server do not come back all at once. Not thread-safe.
 */
public final class BackOff {

    private final Duration first;
    private final Duration longest;
    private final DoubleSupplier random;
    private Duration ceiling;

    /** @param random gives numbers from 0 to less than 1 */
    public BackOff(Duration first, Duration longest, DoubleSupplier random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
        this.ceiling = first;
    }

    /** The next pause. */
    public Duration next() {
        Duration pause = Duration.ofMillis(Math.round(ceiling.toMillis() * (1 + random.getAsDouble()) / 2));
        Duration doubled = ceiling.multipliedBy(2);
        ceiling = doubled.compareTo(longest) > 0 ? longest : doubled;
        return pause;
    }

    /** Begins again with the shortest pause. */
    public void reset() {
        ceiling = first;
    }
}
