package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** The metrics of one webhook. */
final class WebhookMetrics {

    /** The ends of a message, and of an attempt that is repeated. */
    enum Outcome {
        /** Accepted by the receiver. */
        DELIVERED,
        /** An attempt failed; it is repeated. */
        FAILED,
        /** Not accepted in time. */
        GIVEN_UP,
        /** Replaced by a newer announcement of its repository. */
        REPLACED,
        /** Not sent, because the receiver has answered 410. */
        GONE,
        /** Not sent, because too few replicas served the revision in time. */
        UNREADABLE
    }

    private final MeterRegistry meters;
    private final String webhook;
    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final List<Meter> all = new ArrayList<>();

    WebhookMetrics(MeterRegistry meters, String webhook) {
        this.meters = meters;
        this.webhook = webhook;
        for (Outcome outcome : Outcome.values()) {
            Counter counter = Counter.builder("cvmfs_notify_webhook_messages")
                    .description("Messages to webhooks, by their end; failed attempts too")
                    .tag("webhook", webhook)
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                    .register(meters);
            outcomes.put(outcome, counter);
            all.add(counter);
        }
    }

    void watch(Supplier<Number> queued, Supplier<Number> awaited, Supplier<Number> failing) {
        gauge("queued", "Repositories with an announcement that the webhook is still to be told", queued);
        gauge(
                "awaited",
                "Repositories with an announcement that too few replicas serve for the webhook to be told",
                awaited);
        gauge("failing", "1 if the last attempt failed, or the receiver has answered 410", failing);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        all.add(Gauge.builder("cvmfs_notify_webhook_" + name, value)
                .description(description)
                .tag("webhook", webhook)
                .register(meters));
    }

    long counted(Outcome outcome) {
        return (long) Objects.requireNonNull(outcomes.get(outcome)).count();
    }

    void count(Outcome outcome) {
        count(outcome, 1);
    }

    void count(Outcome outcome, int times) {
        Objects.requireNonNull(outcomes.get(outcome)).increment(times);
    }

    /** The webhook is not configured any more. */
    void remove() {
        all.forEach(meters::remove);
    }
}
