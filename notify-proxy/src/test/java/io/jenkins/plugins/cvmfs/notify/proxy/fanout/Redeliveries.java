package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.List;

/** For tests of other packages. */
public final class Redeliveries {

    private Redeliveries() {}

    /** Delays and repeats nothing. */
    public static Redelivery off() {
        return of(new DeliveryConfig(Duration.ZERO, Duration.ZERO, List.of(), List.of()), GlobalEventExecutor.INSTANCE);
    }

    /** Delays and repeats as configured; the timer starts the repetitions. */
    public static Redelivery of(DeliveryConfig delays, EventExecutorGroup timer) {
        return new Redelivery(delays, timer, 1_000, new SimpleMeterRegistry());
    }
}
