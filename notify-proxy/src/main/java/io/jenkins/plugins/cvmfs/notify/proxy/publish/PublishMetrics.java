package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The meters of publishes: their outcomes, those pending, and the time until the log confirms. */
final class PublishMetrics {

    private final Counter accepted;
    private final Counter invalid;
    private final Counter tooLarge;
    private final Map<Denial, Counter> refused = new EnumMap<>(Denial.class);
    private final Map<PublishOutcome.Reason, Counter> unavailable = new EnumMap<>(PublishOutcome.Reason.class);
    private final Timer confirm;

    PublishMetrics(MeterRegistry meters, Supplier<Number> pending) {
        accepted = publishes(meters, "accepted");
        invalid = publishes(meters, "invalid");
        tooLarge = publishes(meters, "too_large");
        for (Denial denial : Denial.values()) {
            refused.put(denial, publishes(meters, denial.word()));
        }
        for (PublishOutcome.Reason reason : PublishOutcome.Reason.values()) {
            unavailable.put(reason, publishes(meters, reason.word()));
        }
        confirm = Timer.builder("cvmfs_notify_publish_confirm")
                .description("Time from the complete request to the log's confirm, of accepted publishes")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(25),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10))
                .register(meters);
        Gauge.builder("cvmfs_notify_publishes_pending", pending)
                .description("Publishes waiting for the log's confirm")
                .register(meters);
    }

    private static Counter publishes(MeterRegistry meters, String outcome) {
        return Counter.builder("cvmfs_notify_publishes")
                .description("Publishes by outcome")
                .tag("outcome", outcome)
                .register(meters);
    }

    void ended(PublishOutcome outcome, long tookNanos) {
        if (outcome instanceof PublishOutcome.Accepted) {
            accepted.increment();
            confirm.record(tookNanos, TimeUnit.NANOSECONDS);
        } else if (outcome instanceof PublishOutcome.Invalid) {
            invalid.increment();
        } else if (outcome instanceof PublishOutcome.TooLarge) {
            tooLarge.increment();
        } else if (outcome instanceof PublishOutcome.Refused no) {
            Objects.requireNonNull(refused.get(no.reason())).increment();
        } else if (outcome instanceof PublishOutcome.Unavailable no) {
            Objects.requireNonNull(unavailable.get(no.reason())).increment();
        }
    }
}
