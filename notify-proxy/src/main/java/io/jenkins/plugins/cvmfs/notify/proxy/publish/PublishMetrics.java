package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The meters of publishes: their outcomes, those pending, and the time until the log confirms. */
final class PublishMetrics {

    private final Map<String, Counter> outcomes = new HashMap<>();
    private final Timer confirm;

    PublishMetrics(MeterRegistry meters, Supplier<Number> pending) {
        Stream.of(
                        Stream.of("accepted", "invalid", "too_large"),
                        Stream.of(Denial.values()).map(Denial::word),
                        Stream.of(Reason.values()).map(Reason::word))
                .flatMap(words -> words)
                .forEach(word -> outcomes.put(word, publishes(meters, word)));
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
        Objects.requireNonNull(outcomes.get(outcome.word())).increment();
        if (outcome instanceof Accepted) {
            confirm.record(tookNanos, TimeUnit.NANOSECONDS);
        }
    }
}
