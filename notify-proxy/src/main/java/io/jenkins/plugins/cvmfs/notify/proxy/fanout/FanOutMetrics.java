package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What the fan-out counts. */
final class FanOutMetrics {

    private final Counter announced;
    private final Counter unremembered;
    private final Counter conflatedInLane;
    private final Counter conflatedAtSubscriber;
    private final Map<WireFormat, Counter> delivered = new EnumMap<>(WireFormat.class);
    private final LongAdder subscriptions = new LongAdder();

    /** @param topics of which the size is shown */
    FanOutMetrics(MeterRegistry meters, Map<?, ?> topics) {
        announced = Counter.builder("cvmfs_notify_announcements")
                .description("Announcements that the log delivered")
                .register(meters);
        unremembered = Counter.builder("cvmfs_notify_announcements_unremembered")
                .description("Announcements dropped because their repository is new and there are as many as allowed")
                .register(meters);
        conflatedInLane = conflated(meters, "event_loop");
        conflatedAtSubscriber = conflated(meters, "subscriber");
        for (WireFormat format : WireFormat.values()) {
            delivered.put(format, delivered(meters, format));
        }
        Gauge.builder("cvmfs_notify_subscriptions", subscriptions, LongAdder::sum)
                .description("Subscriptions of all connections")
                .register(meters);
        Gauge.builder("cvmfs_notify_repositories", topics, Map::size)
                .description("Repositories remembered or subscribed to")
                .register(meters);
    }

    private static Counter conflated(MeterRegistry meters, String where) {
        return Counter.builder("cvmfs_notify_conflated")
                .description("Announcements that gave way to a newer one of the same repository before they were sent")
                .tag("where", where)
                .register(meters);
    }

    private static Counter delivered(MeterRegistry meters, WireFormat format) {
        return Counter.builder("cvmfs_notify_deliveries")
                .description("Announcements written to subscribers")
                .tag("format", format.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    void announced() {
        announced.increment();
    }

    void unremembered() {
        unremembered.increment();
    }

    /** For all subscribers of one event loop at once. */
    void conflatedInLane() {
        conflatedInLane.increment();
    }

    /** For one subscriber. */
    void conflatedAtSubscriber() {
        conflatedAtSubscriber.increment();
    }

    void delivered(WireFormat format) {
        Objects.requireNonNull(delivered.get(format)).increment();
    }

    void subscribed() {
        subscriptions.increment();
    }

    void unsubscribed() {
        subscriptions.decrement();
    }
}
