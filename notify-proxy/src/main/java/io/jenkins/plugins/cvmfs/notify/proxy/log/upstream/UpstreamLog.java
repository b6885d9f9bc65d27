package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.Obstacle;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.ServerBusyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig.PublishUse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The activity log of a relay. The upstream has it: a publish is safe when the upstream has answered it with success, and is delivered here when
 * it comes back. The journal has the last values, for clients that come while the upstream cannot be reached.
 */
public final class UpstreamLog implements ActivityLog, Reloadable {

    /** Messages that may wait for the disk; then the subscriber has to wait, which keeps the newest of each repository. */
    private static final int INCOMING = 2_000;

    /** The average time between two questions to the upstream about the relays above it. */
    private static final Duration LOOP_CHECKS = Duration.ofSeconds(10);

    private final UpstreamConfig config;
    private final Clock clock;
    private final Network network;
    private final NotificationPublisher publisher;
    private final UpstreamPublishes publishes = new UpstreamPublishes();
    private final PendingAcks pending;
    private final LogRecorder recorder;
    private final UpstreamSubscription subscription;
    private final LoopGuard loops;
    private volatile Secret token;
    private volatile PublishUse use;

    private UpstreamLog(ProxyConfig proxy, UpstreamConfig config, Network network, Clock clock, MeterRegistry meters) {
        this.config = config;
        this.clock = clock;
        this.token = config.token();
        this.use = config.publish();
        this.network = network;
        this.pending = new PendingAcks(config.publishTimeout());
        this.recorder = LogRecorder.open(
                proxy.stateDir(), proxy.limits().repositories(), INCOMING, Duration.ZERO, pending, meters);
        TokenSource tokens =
                () -> Optional.of(token).filter(it -> !it.isEmpty()).map(Secret::value);
        // A little less than the publisher here waits, so that it learns the reason.
        Duration timeLimit = config.publishTimeout().multipliedBy(9).dividedBy(10);
        this.publisher = network.publisher(new PublisherSettings(config.server(), tokens, timeLimit));
        this.subscription = new UpstreamSubscription(
                network,
                SubscriberSettings.of(config.server())
                        .withProtocol(config.protocol())
                        .withToken(tokens)
                        .withLongestPause(config.maxReconnectDelay()),
                this::connected,
                this::record,
                recorder::awaits,
                config.publishTimeout(),
                clock,
                meters);
        this.loops = new LoopGuard(
                recorder.ownEpoch(), () -> network.relayPath(config.server()), LOOP_CHECKS, this::followUnlessLoop);
        Gauge.builder("cvmfs_notify_upstream_publishes_waiting", publishes, UpstreamPublishes::waiting)
                .description("Publishes that wait for their turn to be sent to the upstream")
                .register(meters);
    }

    /**
     * Opens the journal; connects to nothing before {@link #start}.
     *
     * @param clock tells when a message was announced
     * @throws io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException if the state folder cannot be used, or another proxy
     *     uses it
     * @throws InvalidInputException if a file of a certificate cannot be used; the message names it
     */
    public static UpstreamLog open(ProxyConfig proxy, UpstreamConfig upstream, Clock clock, MeterRegistry meters) {
        Network network = network(upstream);
        try {
            return new UpstreamLog(proxy, upstream, network, clock, meters);
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private static Network network(UpstreamConfig config) {
        Network.Builder network = Network.builder().userAgent("cvmfs-notify-relay");
        if (config.caFile().isPresent() || config.identity().isPresent()) {
            network.tls(TlsIdentity.clientContext(config.caFile(), config.identity()));
        }
        return network.build();
    }

    @Override
    public void start(LogListener to) {
        recorder.start(to);
        recorder.lastValues().all().forEach(last -> subscription.want(last.repository()));
        loops.ask();
    }

    private void followUnlessLoop(Optional<String> loop) {
        loop.ifPresentOrElse(
                relays -> subscription.suspend(
                        "the relays form a loop: %s; correct upstream.url of one of them".formatted(relays)),
                subscription::open);
    }

    private void connected() {
        loops.ask();
    }

    /** After a restart the server repeats last values that the journal has. */
    private void record(ActivityMessage message, boolean mayBeKnown) {
        if (mayBeKnown && isKnown(message)) {
            return;
        }
        try {
            recorder.put(new IncomingMessage(message, null, Recency.now(clock), Way.UPSTREAM));
        } catch (InterruptedException e) {
            // The subscriber is being closed.
            Thread.currentThread().interrupt();
        }
    }

    private boolean isKnown(ActivityMessage message) {
        return recorder.lastValues()
                .of(message.repository())
                .map(LogEntry::body)
                .filter(last -> Arrays.equals(last, message.raw()))
                .isPresent();
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin) {
        if (use == PublishUse.REFUSE) {
            return CompletableFuture.failedFuture(new LogRefusalException(
                    LogRefusalException.Why.NOT_HERE,
                    "this relay takes no announcements (upstream.publish); announce to " + config.server(),
                    null));
        }
        List<String> relays = new ArrayList<>(origin.relays());
        relays.add(recorder.ownEpoch());
        if (origin.relays().contains(recorder.ownEpoch()) || loops.loop().isPresent()) {
            String loop = loops.loop().orElseGet(() -> String.join(" > ", relays));
            return CompletableFuture.failedFuture(
                    new LogRefusalException(LogRefusalException.Why.LOOP, "the relays form a loop: " + loop, null));
        }
        NotificationPublisher.Passage passage = new NotificationPublisher.Passage(relays, origin.authorizationOrNull());
        // Before it is sent, so that it comes back as soon as it is published.
        subscription.want(message.repository());
        UUID id = UUID.randomUUID();
        CompletableFuture<Void> answer = pending.await(id);
        publishes.add(
                message.repository(),
                answer,
                () -> publisher.pass(message, passage).handle((receipt, failure) -> {
                    if (failure == null) {
                        pending.succeed(id);
                    } else {
                        pending.fail(id, translated(failure));
                    }
                    return null;
                }));
        return answer;
    }

    private static RuntimeException translated(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        String message = "the upstream did not accept the announcement: " + cause.getMessage();
        if (cause instanceof InvalidInputException) {
            return new LogRefusalException(LogRefusalException.Why.INVALID, message, cause);
        }
        if (Obstacle.of(cause) == Obstacle.LOOP) {
            return new LogRefusalException(LogRefusalException.Why.LOOP, message, cause);
        }
        if (cause instanceof RefusedException) {
            return new LogRefusalException(LogRefusalException.Why.BY_UPSTREAM, message, cause);
        }
        return cause instanceof CancellationException
                ? new LogUnavailableException("the relay is shutting down", cause)
                : new LogUnavailableException(message, cause, pauseAskedFor(cause));
    }

    private static @Nullable Duration pauseAskedFor(Throwable failure) {
        return NotifyException.find(ServerBusyException.class, failure)
                .map(ServerBusyException::retryAfter)
                .filter(pause -> !pause.isZero())
                .orElse(null);
    }

    @Override
    public CompletableFuture<Void> follow(RepositoryName repository) {
        return subscription.follow(repository);
    }

    /** Only here: the upstream keeps its last value, and sends it again after a restart of this relay. */
    @Override
    public CompletableFuture<Void> forget(RepositoryName repository) {
        return recorder.forget(repository, Recency.now(clock));
    }

    @Override
    public LogState state() {
        return subscription.state(use != PublishUse.REFUSE, loops.relays());
    }

    /** Takes over a new token and the way of publishes; the rest of its configuration is read at start only. */
    @Override
    public Runnable prepare(ProxyConfig next) {
        return () -> next.upstream().ifPresent(upstream -> {
            token = upstream.token();
            use = upstream.publish();
        });
    }

    @Override
    public void close() {
        loops.close();
        subscription.close();
        network.close();
        recorder.close();
        pending.close();
    }
}
