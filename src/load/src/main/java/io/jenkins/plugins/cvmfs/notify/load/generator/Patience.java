package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.time.Duration;

/** How long is waited, by how much there is to do: several times what the slowest server took that was measured. */
final class Patience {

    private static final Duration LEAST = Duration.ofSeconds(10);
    private static final Duration EACH_CONNECTION = Duration.ofMillis(1);
    private static final Duration EACH_HANDSHAKE = Duration.ofMillis(6);
    private static final Duration EACH_DELIVERY = Duration.ofMillis(1);

    private Patience() {}

    /** Nanoseconds until so many subscribers have the last value. */
    static long toConnect(int subscribers, boolean tls) {
        return LEAST.plus(EACH_CONNECTION
                        .plus(tls ? EACH_HANDSHAKE : Duration.ZERO)
                        .multipliedBy(subscribers))
                .toNanos();
    }

    /** Nanoseconds until the last of so many deliveries has arrived. */
    static long toDeliver(long deliveries) {
        return LEAST.plus(EACH_DELIVERY.multipliedBy(deliveries)).toNanos();
    }
}
