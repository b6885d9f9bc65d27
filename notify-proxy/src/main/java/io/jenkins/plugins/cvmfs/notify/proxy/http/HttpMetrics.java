package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** The meters of the HTTP server. Thread-safe. */
final class HttpMetrics {

    private final MeterRegistry meters;
    private final MeterProvider<Counter> requests;
    private final MeterProvider<Counter> connectionsRefused;
    final Counter originsRefused;
    final Counter hostsRefused;
    final Counter connectionsTimedOut;
    final Counter responsesUnread;

    HttpMetrics(MeterRegistry meters) {
        this.meters = meters;
        requests = Counter.builder("cvmfs_notify_requests")
                .description("HTTP requests answered, without those that became subscriptions")
                .withRegistry(meters);
        connectionsRefused = Counter.builder("cvmfs_notify_connections_refused")
                .description("Connections refused because there were as many as allowed, in total or from the address")
                .withRegistry(meters);
        for (ConnectionLimits.Refusal why : ConnectionLimits.Refusal.values()) {
            connectionsRefused.withTags("reason", word(why));
        }
        originsRefused = Counter.builder("cvmfs_notify_origins_refused")
                .description("Requests of web pages whose origin is not allowed")
                .register(meters);
        hostsRefused = Counter.builder("cvmfs_notify_hosts_refused")
                .description("Requests of browsers for a name that is not the service's")
                .register(meters);
        connectionsTimedOut = Counter.builder("cvmfs_notify_connections_timed_out")
                .description("Connections closed because no request arrived in time")
                .register(meters);
        responsesUnread = Counter.builder("cvmfs_notify_answers_unread")
                .description("Connections reset because a response was not read in time")
                .register(meters);
    }

    void watchConnections(AtomicInteger count) {
        Gauge.builder("cvmfs_notify_connections", count, AtomicInteger::get)
                .description("Open connections")
                .register(meters);
    }

    /** Shows the memory for the bodies of requests, and for responses that clients have not read yet. */
    void watch(ByteBudget bodies, ByteBudget responses) {
        Gauge.builder("cvmfs_notify_pending_bytes", bodies, ByteBudget::taken)
                .description("Memory taken by long bodies of requests under way")
                .register(meters);
        Gauge.builder("cvmfs_notify_unread_answer_bytes", responses, ByteBudget::taken)
                .description("Memory taken by long responses that clients have not read yet")
                .register(meters);
    }

    void responded(String route, Response response) {
        requests.withTags("resource", route, "status", Integer.toString(response.status()))
                .increment();
    }

    void connectionRefused(ConnectionLimits.Refusal why) {
        connectionsRefused.withTags("reason", word(why)).increment();
    }

    /** The word by which clients and metrics know it. */
    static String word(Enum<?> reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
