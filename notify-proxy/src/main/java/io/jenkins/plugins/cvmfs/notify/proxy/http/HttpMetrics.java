package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** What the front end counts. From any thread. */
final class HttpMetrics {

    /** The kinds of subscription. */
    enum Kind {
        WEB_SOCKET,
        EVENTS_BY_QUERY,
        EVENTS_BY_BODY
    }

    /** All reasons there are: a rate can only be had of what was 0 before. */
    private static final List<String> CUT_OFF = List.of("stalled", "idle", "message_too_big", "protocol_error");

    private static final List<String> REFUSED = List.of("invalid", "too_many_subscriptions", "too_many_repositories");

    private final MeterRegistry meters;
    private final MeterProvider<Counter> requests;
    private final MeterProvider<Counter> cutOff;
    private final MeterProvider<Counter> subscriptionsRefused;
    private final MeterProvider<Counter> connectionsRefused;
    private final Counter originsRefused;
    private final Counter hostsRefused;
    private final Counter connectionsTimedOut;
    private final Counter answersUnread;
    private final Map<Kind, AtomicInteger> subscribers = new EnumMap<>(Kind.class);

    HttpMetrics(MeterRegistry meters) {
        this.meters = meters;
        requests = Counter.builder("cvmfs_notify_requests")
                .description("HTTP requests answered; those that became subscriptions are not among them")
                .withRegistry(meters);
        cutOff = Counter.builder("cvmfs_notify_subscribers_cut_off")
                .description("Subscribers whose connection the proxy ended")
                .withRegistry(meters);
        subscriptionsRefused = Counter.builder("cvmfs_notify_subscriptions_refused")
                .description("Subscriptions refused")
                .withRegistry(meters);
        connectionsRefused = Counter.builder("cvmfs_notify_connections_refused")
                .description("Connections refused because there were as many as allowed, in all or from the address")
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
                .description("Connections closed because no request came in time")
                .register(meters);
        answersUnread = Counter.builder("cvmfs_notify_answers_unread")
                .description("Connections reset because an answer was not read in time")
                .register(meters);
        CUT_OFF.forEach(reason -> cutOff.withTag("reason", reason));
        REFUSED.forEach(reason -> subscriptionsRefused.withTag("reason", reason));
        for (Kind kind : Kind.values()) {
            subscribers.put(kind, subscribers(meters, kind));
        }
    }

    private static AtomicInteger subscribers(MeterRegistry meters, Kind kind) {
        AtomicInteger count = new AtomicInteger();
        Gauge.builder("cvmfs_notify_subscribers", count, AtomicInteger::get)
                .description("Connections that are subscribers now")
                .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                .register(meters);
        return count;
    }

    void watchConnections(AtomicInteger count) {
        Gauge.builder("cvmfs_notify_connections", count, AtomicInteger::get)
                .description("Open connections")
                .register(meters);
    }

    void watchBodies(ByteBudget bodies) {
        Gauge.builder("cvmfs_notify_pending_bytes", bodies, ByteBudget::taken)
                .description("Memory taken by long bodies of requests under way")
                .register(meters);
    }

    void watchAnswers(ByteBudget answers) {
        Gauge.builder("cvmfs_notify_unread_answer_bytes", answers, ByteBudget::taken)
                .description("Memory taken by long answers that clients have not read yet")
                .register(meters);
    }

    void watchFeed(StatusStreamRoute feed) {
        Gauge.builder("cvmfs_notify_watchers", feed, StatusStreamRoute::watchers)
                .description("Connections that watch the state of the service")
                .register(meters);
    }

    void answered(String resource, Response answer) {
        requests.withTags(
                        "resource",
                        resource,
                        "status",
                        answer.status().codeAsText().toString())
                .increment();
    }

    /** @param reason one of few fixed words */
    void cutOff(String reason) {
        cutOff.withTags("reason", reason).increment();
    }

    /** @param reason one of few fixed words */
    void subscriptionRefused(String reason) {
        subscriptionsRefused.withTags("reason", reason).increment();
    }

    void connectionRefused(ConnectionLimits.Refusal why) {
        connectionsRefused.withTags("reason", word(why)).increment();
    }

    /** The word by which clients and metrics know it. */
    static String word(Enum<?> reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    void originRefused() {
        originsRefused.increment();
    }

    void hostRefused() {
        hostsRefused.increment();
    }

    void answerUnread() {
        answersUnread.increment();
    }

    void connectionTimedOut() {
        connectionsTimedOut.increment();
    }

    /** A subscriber came (1) or went (-1). */
    void subscribers(Kind kind, int change) {
        Objects.requireNonNull(subscribers.get(kind)).addAndGet(change);
    }
}
