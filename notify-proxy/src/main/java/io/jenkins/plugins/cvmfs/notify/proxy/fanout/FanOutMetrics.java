package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** The metrics of the fan-out. */
final class FanOutMetrics {

    final Counter announced;
    /** For all subscribers of one event loop at once. */
    final Counter conflatedInQueue;
    /** For one subscriber. */
    final Counter conflatedAtSubscriber;

    final LongAdder subscriptions = new LongAdder();
    /** Subscribers that have something kept back. */
    final LongAdder behind = new LongAdder();
    /** Announcements that are kept back. */
    final LongAdder kept = new LongAdder();

    private final Map<WireFormat, Counter> delivered = new EnumMap<>(WireFormat.class);
    private final Counter repeated;
    private final DistributionSummary audience;
    private final Timer logDelay;
    private final Timer delivery;
    private final Timer propagation;

    /**
     * @param topics of which the size is shown
     * @param queues of which the queues are shown
     */
    FanOutMetrics(MeterRegistry meters, Map<?, ?> topics, Collection<DispatchQueue> queues) {
        announced = Counter.builder("cvmfs_notify_announcements")
                .description("Announcements that the log delivered")
                .register(meters);
        conflatedInQueue = conflated(meters, "event_loop");
        conflatedAtSubscriber = conflated(meters, "subscriber");
        for (WireFormat format : WireFormat.values()) {
            delivered.put(format, delivered(meters, format));
        }
        repeated = Counter.builder("cvmfs_notify_repeats")
                .description("Announcements written once more to CVMFS clients, after the cache lifetime")
                .register(meters);
        gauge(meters, "cvmfs_notify_subscriptions", "Subscriptions of all connections", subscriptions);
        gauge(meters, "cvmfs_notify_subscribers_behind", "Subscribers that read too slowly now", behind);
        gauge(
                meters,
                "cvmfs_notify_backlog_announcements",
                "Announcements kept for subscribers that read too slowly",
                kept);
        Gauge.builder("cvmfs_notify_repositories", topics, Map::size)
                .description("Repositories remembered or subscribed to")
                .register(meters);
        Gauge.builder("cvmfs_notify_event_loops_waiting", queues, FanOutMetrics::waiting)
                .description("Announcements that wait for an event loop's turn")
                .register(meters);
        audience = DistributionSummary.builder("cvmfs_notify_fan_out_subscribers")
                .description("Subscribers that an announcement had when the log delivered it")
                .serviceLevelObjectives(0.5, 1, 10, 100, 1_000, 10_000, 100_000)
                .register(meters);
        logDelay = timer(
                meters,
                "cvmfs_notify_log_delay",
                "From an announcement's acceptance, by any proxy, to its arrival from the log");
        delivery = timer(
                meters,
                "cvmfs_notify_delivery",
                "From its arrival to the write to the last subscriber of an event loop");
        propagation = timer(
                meters,
                "cvmfs_notify_propagation",
                "From its acceptance, by any proxy, to the write to the last subscriber of an event loop");
    }

    private static double waiting(Collection<DispatchQueue> queues) {
        return queues.stream().mapToInt(DispatchQueue::waiting).sum();
    }

    private static void gauge(MeterRegistry meters, String name, String description, LongAdder value) {
        Gauge.builder(name, value, LongAdder::sum).description(description).register(meters);
    }

    private static Timer timer(MeterRegistry meters, String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(
                        Duration.ofNanos(100_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(25),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60))
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

    void delivered(WireFormat format, int subscribers) {
        Objects.requireNonNull(delivered.get(format)).increment(subscribers);
    }

    /** The log has delivered something new. */
    void dispatched(Dispatch dispatch) {
        audience.record(dispatch.audience());
        logDelay.record(dispatch.logDelay());
    }

    /**
     * So many more subscribers have been written to; a repetition is no measure of how long an announcement takes.
     *
     * @param all whether these were the last ones of their event loop
     */
    void wrote(Dispatch dispatch, int subscribers, boolean all) {
        switch (dispatch.round()) {
            case FIRST -> wroteFirst(dispatch, subscribers, all);
            case EARLY -> {}
            case AGAIN -> repeated.increment(subscribers);
        }
    }

    private void wroteFirst(Dispatch dispatch, int subscribers, boolean all) {
        Duration after = dispatch.wrote(subscribers);
        if (all && !dispatch.isHistory()) {
            delivery.record(after);
            propagation.record(dispatch.delayBefore().plus(after));
        }
    }

    static void watch(
            MeterRegistry meters, ByteBudget backlogs, ByteBudget lastValueBytes, UnannouncedNames unannounced) {
        Gauge.builder("cvmfs_notify_last_value_bytes", lastValueBytes, ByteBudget::taken)
                .description("Last announcements of all repositories, as they were published, and those on their way")
                .register(meters);
        Gauge.builder("cvmfs_notify_anonymous_names", unannounced, UnannouncedNames::anonymous)
                .description("Names not announced yet, kept for subscribers without credentials")
                .register(meters);
        Gauge.builder("cvmfs_notify_backlog_reserved_bytes", backlogs, ByteBudget::taken)
                .description("Memory reserved for unsent data of subscribers that do not keep up")
                .register(meters);
    }
}
