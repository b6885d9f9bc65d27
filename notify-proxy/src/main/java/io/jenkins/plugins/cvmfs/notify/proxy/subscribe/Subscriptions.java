package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.DeliveryTerms;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.NameHolder;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts that all subscribers share: rights, the fan-out, the log that has to follow their repositories, limits and meters. Thread-safe. */
final class Subscriptions {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    /** How a client subscribes. */
    enum Kind {
        WEB_SOCKET,
        EVENTS_BY_QUERY,
        EVENTS_BY_BODY
    }

    /** The known reasons; they are registered early, since a rate needs a value before the first increment. */
    private static final List<String> CUT_OFF = List.of("stalled", "idle", "message_too_big", "protocol_error");

    private static final List<String> REFUSED = List.of("invalid", "too_many_subscriptions", "too_many_repositories");

    final SubscribeMessageCache messages = new SubscribeMessageCache();

    private final FanOut fanOut;
    private final ActivityLog log;
    private final Supplier<AccessRules> access;
    private final Refusals refusals;
    private final LimitsConfig limits;
    private final MeterProvider<Counter> cutOff;
    private final MeterProvider<Counter> refused;
    private final Map<Kind, AtomicInteger> subscribers = new EnumMap<>(Kind.class);

    Subscriptions(
            FanOut fanOut,
            ActivityLog log,
            Supplier<AccessRules> access,
            Refusals refusals,
            LimitsConfig limits,
            MeterRegistry meters) {
        this.fanOut = fanOut;
        this.log = log;
        this.access = access;
        this.refusals = refusals;
        this.limits = limits;
        cutOff = Counter.builder("cvmfs_notify_subscribers_cut_off")
                .description("Subscribers whose connection the proxy ended")
                .withRegistry(meters);
        refused = Counter.builder("cvmfs_notify_subscriptions_refused")
                .description("Subscriptions refused")
                .withRegistry(meters);
        CUT_OFF.forEach(reason -> cutOff.withTag("reason", reason));
        REFUSED.forEach(reason -> refused.withTag("reason", reason));
        for (Kind kind : Kind.values()) {
            AtomicInteger count = new AtomicInteger();
            subscribers.put(kind, count);
            Gauge.builder("cvmfs_notify_subscribers", count, AtomicInteger::get)
                    .description("Connections that are subscribers now")
                    .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
    }

    LimitsConfig limits() {
        return limits;
    }

    /** Returns what the sender of a subscribe request may subscribe to, for as long as it is connected. */
    SubscriberRights rights(Request request) {
        return access.get().subscriber(Caller.of(request));
    }

    Subscriber subscriber(Channel channel, DeliveryTerms terms) {
        return fanOut.subscriber(channel, terms);
    }

    /** Returns true if a new subscriber to all of these repositories fits. */
    boolean hasRoomFor(List<RepositoryName> repositories, SubscriberRights rights) {
        return fanOut.hasRoomForSubscriber(repositories, repository -> holder(rights, repository));
    }

    /** Only names of subscribers without a right count against the limits on unannounced names. */
    private static NameHolder holder(SubscriberRights rights, RepositoryName repository) {
        return rights.isGranted(repository) ? NameHolder.WITH_CREDENTIALS : new NameHolder(rights.network());
    }

    /** Subscribes on the subscriber's event loop; the last value is sent before this returns, unless its terms delay it. */
    SubscribeResult subscribe(
            Subscriber subscriber, RepositoryName repository, ResumePoint resume, SubscriberRights rights) {
        SubscribeResult result = subscriber.subscribe(
                repository, resume, limits.maxSubscriptionsPerConnection(), holder(rights, repository));
        if (result == SubscribeResult.SUBSCRIBED) {
            follow(repository);
        } else {
            refused(result, repository, rights);
        }
        return result;
    }

    /** Makes the log deliver announcements of this repository. If it is not connected, it catches up when it is. */
    private void follow(RepositoryName repository) {
        log.follow(repository).exceptionally(failure -> {
            LOG.atDebug()
                    .addKeyValue("repository", repository)
                    .addKeyValue("detail", failure.getMessage())
                    .log("repository is followed once the log is connected");
            return null;
        });
    }

    /**
     * Counts and remembers that a right is missing.
     *
     * @param repository null if the credentials are wrong, whatever they are used for
     * @return the JSON of the refusal, the same in an HTTP body and in a WebSocket frame
     */
    String refused(Denied denied, @Nullable RepositoryName repository, SubscriberRights rights) {
        refused(denied.reason().word(), denied.detail(), repository, rights);
        return refusal(denied.reason().word(), repository)
                .put("right", "subscribe")
                .put("detail", denied.detail())
                .toString();
    }

    void refused(SubscribeResult limit, @Nullable RepositoryName repository, SubscriberRights rights) {
        refused(word(limit), explanation(limit), repository, rights);
    }

    void refusedAsInvalid(@Nullable String detail, SubscriberRights rights) {
        refused("invalid", String.valueOf(detail), null, rights);
    }

    /** @param reason one of few fixed words */
    private void refused(String reason, String detail, @Nullable RepositoryName repository, SubscriberRights rights) {
        refused.withTags("reason", reason).increment();
        refusals.add(Refusals.Kind.SUBSCRIBE, rights.address(), repository, reason, detail);
    }

    /** @param reason one of few fixed words */
    void cutOff(String reason) {
        cutOff.withTags("reason", reason).increment();
    }

    /** Counts a subscriber that arrived (1) or left (-1). */
    void count(Kind kind, int change) {
        Objects.requireNonNull(subscribers.get(kind)).addAndGet(change);
    }

    /** Returns the JSON of a WebSocket frame that refuses a subscription because of a limit. */
    static String refusal(SubscribeResult limit, RepositoryName repository) {
        return refusal(word(limit), repository).toString();
    }

    private static ObjectNode refusal(String reason, @Nullable RepositoryName repository) {
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("reason", reason).put("status", "error");
        return repository == null ? json : json.put("repository", repository.value());
    }

    private static String explanation(SubscribeResult limit) {
        return limit == SubscribeResult.TOO_MANY_SUBSCRIPTIONS
                ? "the connection has as many subscriptions as allowed (limits.max_subscriptions_per_connection)"
                : "there are as many repositories as allowed (limits.max_repositories)";
    }

    /** The word by which clients and metrics know a refusal. */
    static String word(SubscribeResult refusal) {
        return refusal.name().toLowerCase(Locale.ROOT);
    }
}
