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
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerSupervisor.State;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/**
 * The activity log that all proxies on one RabbitMQ share. A publish is answered when it is safe. While the broker is unreachable,
 * publishes wait for it; once that has lasted longer than the time limit of a publish, they fail at once.
 */
public final class RabbitLog implements ActivityLog {

    /** Messages that may wait for the disk; then the broker has to wait. */
    private static final int INCOMING = 2_000;

    /**
     * A publish is sent again for as long as its publisher waits, by the proxy that accepted it; what was sent last may be on its way
     * for as long again.
     */
    private static final int WAITS_ON_THE_WAY = 2;

    private static final Duration PROBE_INTERVAL = Duration.ofMinutes(1);

    private final AmqpConfig config;
    private final int maxOpen;
    private final Clock clock;
    private final OpenPublishes publishes;
    private final LogRecorder recorder;
    private final FollowedRepositories following;
    private final BrokerSupervisor supervisor;

    /**
     * Opens the journal; connects to no broker before {@link #start}.
     *
     * @param clock tells when a message was announced
     * @throws io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException if the state folder cannot be used, or another proxy
     *     uses it
     */
    public RabbitLog(ProxyConfig proxy, Clock clock, MeterRegistry meters) {
        this(proxy, clock, meters, PROBE_INTERVAL);
    }

    /** @param probeInterval how often it checks whether the broker still has its bindings */
    RabbitLog(ProxyConfig proxy, Clock clock, MeterRegistry meters, Duration probeInterval) {
        this.config = proxy.amqp();
        this.maxOpen = proxy.limits().maxPendingPublishes();
        this.clock = clock;
        this.publishes = new OpenPublishes(config.confirmTimeout());
        this.recorder = LogRecorder.open(
                proxy.stateDir(),
                proxy.limits().repositories(),
                INCOMING,
                config.confirmTimeout().multipliedBy(WAITS_ON_THE_WAY),
                publishes,
                meters);
        this.following = new FollowedRepositories(recorder::awaits);
        MessageReader messages = new MessageReader(recorder, clock, meters);
        this.supervisor = new BrokerSupervisor(
                new BrokerSession.Opener(config, messages, publishes, probeInterval),
                following,
                recorder.lastValues(),
                config.maxReconnectDelay(),
                meters);
        register(meters);
    }

    private void register(MeterRegistry meters) {
        gauge(
                meters,
                "connected",
                "1 while connected to the broker",
                () -> session().isPresent() ? 1 : 0);
        gauge(
                meters,
                "caught_up",
                "1 while new announcements arrive and missed ones have been caught up",
                () -> state().isTailing() ? 1 : 0);
        gauge(meters, "open_publishes", "Publishes not confirmed or not read back", publishes::size);
        gauge(meters, "followed", "Repositories whose announcements the broker is asked for", following::size);
    }

    private static void gauge(MeterRegistry meters, String name, String description, IntSupplier value) {
        Gauge.builder("cvmfs_notify_broker_" + name, value::getAsInt)
                .description(description)
                .strongReference(true)
                .register(meters);
    }

    private Optional<BrokerSession> session() {
        return supervisor.state().session();
    }

    @Override
    public void start(LogListener to) {
        recorder.start(to);
        supervisor.start();
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin) {
        UUID shared = origin.idOrNull();
        Optional<OpenPublish> same = Optional.ofNullable(shared).flatMap(publishes::get);
        if (same.isPresent()) {
            return same.get().answer();
        }
        Optional<String> refusal = refusal();
        if (refusal.isPresent()) {
            return unavailable(refusal.get());
        }
        following.add(message.repository());
        Instant time = recorder.lastValues().nextTime(message.repository(), clock.instant());
        UUID id = shared == null ? UUID.randomUUID() : shared;
        OpenPublish publish = publishes.begin(id, message, time, shared != null);
        // Without a session it stays open: the next one starts with the open publishes.
        boolean taken = session().map(s -> s.queue(new Command.Append(publish))).orElse(true);
        if (!taken) {
            publishes.fail(id, new LogUnavailableException(BrokerCommands.FULL, null));
        }
        return publish.answer();
    }

    /** Why a publish would have no chance; empty if it has one. */
    private Optional<String> refusal() {
        if (publishes.size() >= maxOpen) {
            return Optional.of("too many publishes wait for the broker");
        }
        if (supervisor.state() instanceof State.Down outage) {
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
        Forgotten order = new Forgotten(repository, recorder.lastValues().nextTime(repository, clock.instant()), id);
        CompletableFuture<Void> answer = publishes.await(id);
        if (!now.get().queue(new Command.Send(List.of(PeerSync.forgotten(RoutingKeys.FORGOTTEN, order))))) {
            publishes.fail(id, new LogUnavailableException(BrokerCommands.FULL, null));
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
        State now = supervisor.state();
        if (now instanceof State.Down outage) {
            return new LogState(usualKind(), false, false, outage.describe());
        }
        return now.session().map(this::state).orElseGet(() -> new LogState(usualKind(), false, false, "closed"));
    }

    private String usualKind() {
        return supervisor.kind().orElse(config.stream() == StreamUse.OFF ? "queue" : "stream");
    }

    private LogState state(BrokerSession session) {
        BrokerConsumer consumer = session.consumer();
        Optional<String> refusal = session.blockedBecause()
                .map(why -> "the broker takes no messages: " + why)
                .or(() -> recorder.failure()
                        .filter(error -> consumer.epoch().isEmpty())
                        .map(error -> recorder.describe() + " cannot be written: " + error));
        int unbound = session.unbound();
        String progress = unbound > 0
                ? "connected, asking the broker for the announcements of " + unbound + " more repositories"
                : consumer.isCaughtUp() ? "connected" : "connected, catching up";
        return new LogState(
                consumer.kind(), refusal.isEmpty(), unbound == 0 && consumer.isCaughtUp(), refusal.orElse(progress));
    }

    @Override
    public void close() {
        supervisor.close();
        recorder.close();
        publishes.close();
    }
}
