package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The activity log that all proxies on one RabbitMQ share. A publish is kept open until it is safe; while the broker is away for no
 * longer than the time limit of a publish, publishes wait for it, and after that they fail at once.
 */
final class RabbitLog implements ActivityLog {

    /** Messages that the broker has delivered and the disk has not yet taken; then the broker has to wait. */
    private static final int ARRIVALS = 2_000;

    /**
     * A publish is sent again for as long as its publisher waits, by whichever proxy took it on; what was sent last may be on its way
     * for as long again.
     */
    private static final int WAITS_ON_THE_WAY = 2;

    private static final Duration PROBE_INTERVAL = Duration.ofMinutes(1);

    private final AmqpConfig config;
    private final int maxOpen;
    private final Clock clock;
    private final UnconfirmedPublishes appends;
    private final LogRecorder ledger;
    private final FollowedRepositories following = new FollowedRepositories(this::isAwaited);
    private final BrokerSupervisor link;
    private volatile Optional<LogListener> tail = Optional.empty();

    /** @param clock tells when a message was announced */
    RabbitLog(ProxyConfig proxy, Clock clock, MeterRegistry registry) {
        this(proxy, clock, registry, PROBE_INTERVAL);
    }

    /** @param probeInterval how often it looks whether the broker still has its bindings */
    RabbitLog(ProxyConfig proxy, Clock clock, MeterRegistry registry, Duration probeInterval) {
        this.config = proxy.amqp();
        this.maxOpen = proxy.limits().maxPendingPublishes();
        this.clock = clock;
        this.appends = new UnconfirmedPublishes(config.confirmTimeout());
        this.ledger = LogRecorder.open(
                proxy.stateDir(),
                proxy.limits().repositories(),
                ARRIVALS,
                config.confirmTimeout().multipliedBy(WAITS_ON_THE_WAY),
                appends,
                registry);
        BrokerMetrics meters = new BrokerMetrics(registry);
        BrokerConnector connector = new BrokerConnector(config);
        BrokerReport report = new BrokerReport(connector.describe(), meters);
        SessionOpener opener = new SessionOpener(
                config, connector, new MessageReader(ledger, clock, meters), appends, report, probeInterval);
        this.link = new BrokerSupervisor(opener, following, ledger.lastValues(), report, config.maxReconnectDelay());
        meters.watch(() -> session().isPresent(), () -> state().isTailing(), appends::size, following::size);
    }

    private Optional<BrokerSession> session() {
        return link.state().session();
    }

    private boolean isAwaited(RepositoryName repository) {
        return ledger.lastValues().of(repository).isPresent()
                || tail.filter(awaiting -> awaiting.awaits(repository)).isPresent();
    }

    @Override
    public void start(LogListener to) {
        tail = Optional.of(to);
        ledger.start(to);
        link.start();
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message) {
        Optional<String> refusal = refusal();
        if (refusal.isPresent()) {
            return unavailable(refusal.get());
        }
        following.add(message.repository());
        UUID id = UUID.randomUUID();
        Instant time = ledger.lastValues().nextTime(message.repository(), clock.instant());
        CompletableFuture<Void> answer = appends.begin(id, message, time);
        // Without a session it stays open: the next one begins with what is open.
        boolean taken =
                session().map(s -> s.order(new BrokerCommand.Append(id))).orElse(true);
        if (!taken) {
            appends.fail(id, new LogUnavailableException("too many orders wait for the broker", null));
        }
        return answer;
    }

    /** Why a publish would have no chance; empty if it has one. */
    private Optional<String> refusal() {
        if (appends.size() >= maxOpen) {
            return Optional.of("too many publishes wait for the broker");
        }
        if (link.state() instanceof LinkState.Down outage) {
            return Optional.of(outage.describe()).filter(why -> outage.isLongerThan(config.confirmTimeout()));
        }
        return session().flatMap(BrokerSession::blockedBecause).map(why -> "the broker takes no messages: " + why);
    }

    private static <T> CompletableFuture<T> unavailable(String why) {
        return CompletableFuture.failedFuture(new LogUnavailableException(why, null));
    }

    @Override
    public CompletableFuture<Void> forget(RepositoryName repository) {
        Optional<BrokerSession> now = session();
        if (now.isEmpty()) {
            return unavailable("not connected to the broker, which has to tell all proxies");
        }
        UUID id = UUID.randomUUID();
        Forgotten order = new Forgotten(repository, ledger.lastValues().nextTime(repository, clock.instant()));
        CompletableFuture<Void> answer = appends.await(id);
        if (!now.get().order(new BrokerCommand.Send(List.of(PeerSync.forgotten(RoutingKeys.FORGOTTEN, id, order))))) {
            appends.fail(id, new LogUnavailableException("too many orders wait for the broker", null));
        }
        return answer;
    }

    @Override
    public CompletableFuture<Void> follow(RepositoryName repository) {
        following.add(repository);
        return session()
                .map(session -> session.follow(repository))
                .orElseGet(() -> unavailable("not connected to the broker; following begins at the next connect"));
    }

    @Override
    public LogState state() {
        LinkState now = link.state();
        if (now instanceof LinkState.Down outage) {
            return new LogState(usualKind(), false, false, outage.describe());
        }
        return now.session().map(this::state).orElseGet(() -> new LogState(usualKind(), false, false, "closed"));
    }

    private String usualKind() {
        return link.kind().orElse(config.stream() == StreamUse.OFF ? "queue" : "stream");
    }

    private LogState state(BrokerSession session) {
        BrokerConsumer feed = session.feed();
        Optional<String> refusal = session.blockedBecause()
                .map(why -> "the broker takes no messages: " + why)
                .or(() -> ledger.failure()
                        .filter(trouble -> feed.epoch().isEmpty())
                        .map(trouble -> ledger.describe() + " cannot be written: " + trouble));
        int unbound = session.unbound();
        String progress = unbound > 0
                ? "connected, asking the broker for the announcements of " + unbound + " more repositories"
                : feed.isCaughtUp() ? "connected" : "connected, catching up";
        return new LogState(
                feed.kind(), refusal.isEmpty(), unbound == 0 && feed.isCaughtUp(), refusal.orElse(progress));
    }

    @Override
    public void close() {
        link.close();
        ledger.close();
        appends.close();
    }
}
