package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What operators can count about the broker. */
final class BrokerMetrics {

    private final MeterRegistry registry;
    private final Counter foreign;
    private final Counter sessions;

    BrokerMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.foreign = Counter.builder("cvmfs_notify_broker_foreign")
                .description("Messages on the exchange that are no activity messages, and were dropped")
                .register(registry);
        this.sessions = Counter.builder("cvmfs_notify_broker_sessions")
                .description("Times the broker has been connected to")
                .register(registry);
    }

    void watch(BooleanSupplier connected, BooleanSupplier caughtUp, IntSupplier openAppends, IntSupplier followed) {
        gauge(
                "cvmfs_notify_broker_connected",
                "1 while connected to the broker",
                () -> connected.getAsBoolean() ? 1 : 0);
        gauge(
                "cvmfs_notify_broker_caught_up",
                "1 while new announcements arrive and missed ones have been caught up",
                () -> caughtUp.getAsBoolean() ? 1 : 0);
        gauge("cvmfs_notify_broker_open_publishes", "Publishes waiting for the broker's confirm", openAppends);
        gauge("cvmfs_notify_broker_followed", "Repositories whose announcements the broker is asked for", followed);
    }

    private void gauge(String name, String description, IntSupplier value) {
        Gauge.builder(name, value::getAsInt)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    void foreignMessage() {
        foreign.increment();
    }

    void sessionOpened() {
        sessions.increment();
    }
}
