package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The relay's subscription at its upstream: to each repository that is needed here, from the first client that asks for it on, over one
 * subscriber of the client library. Every client may ask for any name, so names that are no longer needed are unsubscribed again, now and
 * then. Thread-safe.
 */
final class UpstreamSubscription implements SubscriptionListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamSubscription.class);

    /** The number of names that may be added before those that are not needed are unsubscribed. */
    static final int SLACK = 100;

    /**
     * The connection.
     *
     * @param since when it was made or lost
     * @param detail its URL and protocol, or why it was lost
     */
    private record Link(boolean isUp, Instant since, String detail) {}

    private final Network network;
    private final SubscriberSettings settings;
    private final Runnable whenConnected;
    private final BiConsumer<ActivityMessage, Boolean> receiver;
    private final Predicate<RepositoryName> needed;
    private final Duration timeLimit;
    private final Clock clock;
    private final Set<RepositoryName> followed = new LinkedHashSet<>();

    /** Those among them of which nothing has arrived. */
    private final Set<RepositoryName> unheard = new HashSet<>();

    /** Those among them that the server has not accepted since the connection was made. */
    private final Set<RepositoryName> catchingUp = new HashSet<>();

    private final Set<RepositoryName> refused = new HashSet<>();
    private final Counter connections;
    private final Counter warnings;
    private int nextLook = SLACK;

    /** Null until the first attempt to connect has ended. */
    private @Nullable Link link;

    /** Null while it does not follow. */
    private @Nullable NotificationSubscriber subscriber;

    private boolean isClosed;
    private long conflatedBefore;

    /**
     * Follows nothing before {@link #open}.
     *
     * @param whenConnected called when a connection was made
     * @param receiver receives the announcements, on the subscriber's thread, and whether the server may have sent one only because of a new
     *     subscription; may block
     * @param needed whether there is a subscriber of a repository, or it has been announced; cheap, from any thread
     * @param timeLimit how long {@link #follow} waits
     */
    UpstreamSubscription(
            Network network,
            SubscriberSettings settings,
            Runnable whenConnected,
            BiConsumer<ActivityMessage, Boolean> receiver,
            Predicate<RepositoryName> needed,
            Duration timeLimit,
            Clock clock,
            MeterRegistry meters) {
        this.network = network;
        this.settings = settings;
        this.whenConnected = whenConnected;
        this.receiver = receiver;
        this.needed = needed;
        this.timeLimit = timeLimit;
        this.clock = clock;
        gauge(meters, "connected", "1 while connected to the upstream", it -> it.isUp() ? 1 : 0);
        gauge(
                meters,
                "lost_timestamp_seconds",
                "When the upstream was lost, in seconds since 1970; 0 if it is not",
                UpstreamSubscription::lostAt);
        gauge(meters, "followed", "Repositories subscribed to at the upstream", UpstreamSubscription::followed);
        gauge(meters, "refused", "Those among them that the upstream refuses", UpstreamSubscription::refused);
        connections = Counter.builder("cvmfs_notify_upstream_connections")
                .description("Connections made to the upstream")
                .register(meters);
        warnings = Counter.builder("cvmfs_notify_upstream_warnings")
                .description("Error replies and invalid messages of the upstream")
                .register(meters);
        FunctionCounter.builder("cvmfs_notify_upstream_conflated", this, UpstreamSubscription::conflated)
                .description("Announcements of the upstream replaced by a newer one, because the journal was slow")
                .register(meters);
    }

    private void gauge(
            MeterRegistry meters, String name, String description, ToDoubleFunction<UpstreamSubscription> value) {
        Gauge.builder("cvmfs_notify_upstream_" + name, this, value)
                .description(description)
                .register(meters);
    }

    private synchronized boolean isUp() {
        return link != null && link.isUp();
    }

    private synchronized double lostAt() {
        return link == null || link.isUp() ? 0 : link.since().toEpochMilli() / 1e3;
    }

    private synchronized int followed() {
        return followed.size();
    }

    private synchronized int refused() {
        return refused.size();
    }

    private synchronized double conflated() {
        return conflatedBefore + (subscriber == null ? 0 : subscriber.counts().conflated());
    }

    /** Begins to follow what has been asked for, if it does not. */
    void open() {
        List<RepositoryName> all;
        NotificationSubscriber opened;
        synchronized (this) {
            if (subscriber != null || isClosed) {
                return;
            }
            opened = network.subscriber(settings, this);
            subscriber = opened;
            link = null;
            all = List.copyOf(followed);
        }
        all.forEach(name -> {
            var unused = opened.subscribe(name);
        });
    }

    /**
     * Follows nothing until {@link #open}. Waits for an announcement that is being recorded.
     *
     * @param reason for operators
     */
    void suspend(String reason) {
        NotificationSubscriber closed;
        synchronized (this) {
            closed = subscriber;
            subscriber = null;
            if (closed == null && link != null) {
                return;
            }
        }
        long conflated = 0;
        if (closed != null) {
            closed.close();
            conflated = closed.counts().conflated();
        }
        synchronized (this) {
            conflatedBefore += conflated;
            link = new Link(false, clock.instant(), reason);
            unheard.addAll(followed);
        }
    }

    /** See {@link io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog#follow}. */
    CompletableFuture<Void> follow(RepositoryName repository) {
        List<RepositoryName> unneeded;
        NotificationSubscriber open;
        boolean isDown;
        synchronized (this) {
            open = subscriber;
            isDown = open == null || (link != null && !link.isUp());
            if (!followed.add(repository)) {
                return isDown ? notConnected() : CompletableFuture.completedFuture(null);
            }
            unheard.add(repository);
            unneeded = followed.size() > nextLook ? removeUnneeded() : List.of();
        }
        if (open == null) {
            return notConnected();
        }
        CompletableFuture<Void> accepted = open.subscribe(repository);
        unneeded.forEach(name -> unsubscribe(open, name));
        return isDown ? notConnected() : accepted.orTimeout(timeLimit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Follows a repository without waiting for it. */
    void want(RepositoryName repository) {
        var unused = follow(repository);
    }

    private static CompletableFuture<Void> notConnected() {
        return CompletableFuture.failedFuture(new LogUnavailableException(
                "not connected to the upstream; following begins at the next connect", null));
    }

    private List<RepositoryName> removeUnneeded() {
        List<RepositoryName> unneeded =
                followed.stream().filter(needed.negate()).toList();
        unneeded.forEach(this::remove);
        nextLook = followed.size() + SLACK;
        return unneeded;
    }

    private void remove(RepositoryName repository) {
        followed.remove(repository);
        unheard.remove(repository);
        catchingUp.remove(repository);
        refused.remove(repository);
    }

    /** A client may have asked for it meanwhile; the predicate knows that client. */
    private void unsubscribe(NotificationSubscriber open, RepositoryName repository) {
        open.unsubscribe(repository);
        if (needed.test(repository)) {
            synchronized (this) {
                followed.add(repository);
                unheard.add(repository);
            }
            var unused = open.subscribe(repository);
        }
    }

    /**
     * @param takesPublishes whether publishes are passed on
     * @param relays this one, and those above it
     */
    synchronized LogState state(boolean takesPublishes, List<String> relays) {
        if (link == null) {
            boolean isIdle = followed.isEmpty();
            String detail = isIdle
                    ? "relay of %s; no repository is asked for yet".formatted(settings.server())
                    : "connecting to %s".formatted(settings.server());
            return new LogState(LogState.UPSTREAM, takesPublishes && isIdle, isIdle, detail, null, relays);
        }
        if (!link.isUp()) {
            String detail = "no connection to %s since %s: %s"
                    .formatted(settings.server(), link.since().truncatedTo(ChronoUnit.SECONDS), link.detail());
            return new LogState(LogState.UPSTREAM, false, false, detail, link.since(), relays);
        }
        String progress = catchingUp.isEmpty()
                ? "follows %d repositories".formatted(followed.size())
                : "waits for %d of %d repositories".formatted(catchingUp.size(), followed.size());
        String refusals = refused.isEmpty() ? "" : ", of which it refuses %d".formatted(refused.size());
        return new LogState(
                LogState.UPSTREAM,
                takesPublishes,
                catchingUp.isEmpty(),
                "connected to %s, %s%s".formatted(link.detail(), progress, refusals),
                link.since(),
                relays);
    }

    @Override
    public void activity(ActivityMessage message) {
        boolean isFirst;
        synchronized (this) {
            isFirst = unheard.remove(message.repository());
        }
        receiver.accept(message, isFirst);
    }

    @Override
    public void connected(Connection connection) {
        String detail = "%s by %s"
                .formatted(connection.url(), connection.protocol().name().toLowerCase(Locale.ROOT));
        synchronized (this) {
            Instant since = link != null && link.isUp() ? link.since() : clock.instant();
            link = new Link(true, since, detail);
            catchingUp.clear();
            catchingUp.addAll(followed);
            refused.clear();
        }
        connections.increment();
        LOG.atInfo()
                .addKeyValue("url", connection.url())
                .addKeyValue("protocol", connection.protocol())
                .log("connected to the upstream");
        whenConnected.run();
    }

    @Override
    public synchronized void subscribed(RepositoryName repository) {
        catchingUp.remove(repository);
        refused.remove(repository);
    }

    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        synchronized (this) {
            catchingUp.remove(repository);
            if (followed.contains(repository)) {
                refused.add(repository);
            }
        }
        LOG.atWarn()
                .addKeyValue("repository", repository)
                .addKeyValue("reason", cause.getMessage())
                .addKeyValue("retryIn", retryIn)
                .log("the upstream refuses a subscription");
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        String reason = String.valueOf(cause.getMessage());
        boolean isNews;
        synchronized (this) {
            Link before = link;
            isNews = before == null || before.isUp() || !before.detail().equals(reason);
            link = new Link(false, before == null || before.isUp() ? clock.instant() : before.since(), reason);
        }
        LOG.atLevel(isNews ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", reason)
                .addKeyValue("retryIn", retryIn)
                .log("no connection to the upstream; last values are served, and it is tried again");
    }

    @Override
    public void warning(NotifyException problem) {
        warnings.increment();
        LOG.atWarn().addKeyValue("reason", problem.getMessage()).log("the upstream sends something unexpected");
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
        }
        suspend("closed");
    }
}
