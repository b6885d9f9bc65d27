package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Gate;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Ask;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberFactory;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one gate: carries out its actions and reports their results to it. Lives on the gate thread; the methods of {@link Wait}
 * may be called on any.
 */
final class GateRunner implements Wait, ReplicaPoller.Follower, SharedSubscriptions.Member {

    private static final Logger LOG = LoggerFactory.getLogger(GateRunner.class);
    private static final int MAX_NAMED = 5;
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    /**
     * The parts that all gates of a wait service share.
     *
     * @param servers asked for usual times
     * @param thread the only thread that uses gates, poller, subscriptions and random
     * @param blocking a few threads for listeners, results and the closing of connections
     */
    record Shared(
            GateThread thread,
            ReplicaPoller poller,
            SharedSubscriptions subscriptions,
            SubscriberFactory servers,
            PollSchedule schedule,
            RandomGenerator random,
            Executor blocking) {}

    private final Shared shared;
    private final Gate gate;
    private final RepositoryName repository;
    private final @Nullable SubscriberSettings server;
    private final Map<Replica, RepositoryLocation> locations = new LinkedHashMap<>();
    private final ProgressQueue progress;
    private final Consumer<GateRunner> onEnd;
    private final CompletableFuture<GateReport> result = new CompletableFuture<>();

    private @Nullable Future<?> timer;
    private @Nullable CompletableFuture<UsualTimes> usual;
    private volatile GateSnapshot latest;
    private volatile ServerLink link;
    private volatile @Nullable GateReport last;
    private volatile boolean ended;

    /**
     * @param onEnd called once
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if a replica's location is malformed
     */
    GateRunner(
            Shared shared,
            GateSnapshot known,
            @Nullable SubscriberSettings server,
            ProgressListener listener,
            Consumer<GateRunner> onEnd) {
        this.shared = shared;
        this.repository = known.condition().repository();
        this.server = server;
        this.progress = new ProgressQueue(listener, shared.blocking());
        this.onEnd = onEnd;
        this.latest = known;
        for (Replica replica : known.condition().replicas()) {
            locations.put(replica, shared.poller().location(replica));
        }
        Instant now = shared.thread().now();
        this.gate = new Gate(known, server != null, shared.schedule(), shared.random(), now);
        this.link = gate.link();
    }

    @Override
    public RepositoryName repository() {
        return repository;
    }

    void start() {
        locations.values().forEach(location -> shared.poller().follow(location, this));
        advance();
    }

    @Override
    public void readBegins(RepositoryLocation location) {
        locations.forEach((replica, at) -> {
            if (at.equals(location)) {
                take(new GateEvent.ReadBegins(replica));
            }
        });
    }

    @Override
    public void take(GateEvent event) {
        advanceAfter(() -> gate.take(event, shared.thread().now()));
    }

    @Override
    public void members(List<Replica> present, @Nullable String absent) {
        shared.thread()
                .execute(() -> advanceAfter(() -> {
                    Map<Replica, RepositoryLocation> before = new LinkedHashMap<>(locations);
                    locations.clear();
                    for (Replica member : present) {
                        RepositoryLocation known = before.remove(member);
                        RepositoryLocation location =
                                known == null ? shared.poller().location(member) : known;
                        locations.put(member, location);
                        shared.poller().follow(location, this);
                    }
                    before.values().forEach(location -> shared.poller().unfollow(location, this));
                    gate.take(
                            new GateEvent.Members(present, absent),
                            shared.thread().now());
                }));
    }

    @Override
    public void announced(ActivityMessage message) {
        take(new GateEvent.Announced(ManifestSummary.of(message.manifest())));
    }

    private void advance() {
        advanceAfter(() -> {});
    }

    /** Any failure, an {@code Error} too, ends the wait: no caller may wait for a gate that has stopped. */
    private void advanceAfter(Runnable event) {
        if (ended) {
            return;
        }
        try {
            event.run();
            List<GateAction> actions = gate.advance(shared.thread().now());
            latest = gate.snapshot();
            link = gate.link();
            actions.forEach(this::carryOut);
            askForUsualTimes();
        } catch (RuntimeException | Error e) {
            end();
            conclude(() -> result.completeExceptionally(e));
        }
    }

    /** Asks once, shortly before the deadline, so that the answer is there at the end, which does not wait for it. */
    private void askForUsualTimes() {
        if (!ended && server != null && usual == null && !shared.thread().now().isBefore(usualTimesFrom())) {
            try {
                usual = shared.servers().usualTimes(server, repository);
            } catch (RuntimeException e) {
                usual = CompletableFuture.failedFuture(e);
            }
        }
    }

    private Instant usualTimesFrom() {
        return latest.condition().deadline().minus(shared.schedule().lead());
    }

    /** Returns what is usual at the replicas that lack the target, as far as the server has told. */
    private String usualTimes(GateReport report) {
        UsualTimes times = usual == null || usual.isCompletedExceptionally() ? null : usual.getNow(null);
        if (times == null) {
            return "";
        }
        return report.replicas().stream()
                .map(ReplicaReport::state)
                .filter(state -> !state.counts())
                .flatMap(state -> of(times, state.replica()).stream()
                        .map(it -> "%s usually takes %s (95 %% of the revisions: up to %s)"
                                .formatted(state.replica(), GateReport.text(it.median()), GateReport.text(it.most()))))
                .limit(MAX_NAMED)
                .collect(Collectors.joining("; "));
    }

    /** Finds the times by the replica's URL; else by its host, if the server watches one replica there. */
    private Optional<UsualTimes.OfReplica> of(UsualTimes times, Replica replica) {
        RepositoryLocation location = locations.get(replica);
        if (location == null) {
            return Optional.empty();
        }
        RepositoryLocation place = location.plain();
        List<UsualTimes.OfReplica> there = times.replicas().stream()
                .filter(it -> !place.host().isEmpty() && host(it.url()).equals(place.host()))
                .toList();
        return times.replicas().stream()
                .filter(it -> it.url().equals(place.toString()))
                .findFirst()
                .or(() -> there.size() == 1 ? Optional.of(there.get(0)) : Optional.empty());
    }

    private static String host(String url) {
        try {
            return RepositoryLocation.parse(url).plain().host();
        } catch (InvalidInputException notOfThisVersion) {
            return "";
        }
    }

    /** Completes the result after all lines; tries again as long as no thread is available. */
    private void conclude(Runnable completion) {
        try {
            progress.end(completion);
        } catch (RuntimeException | Error e) {
            LOG.atWarn().setCause(e).log("cannot complete the result of a wait yet");
            var unused = shared.thread().after(RETRY_PAUSE, () -> conclude(completion));
        }
    }

    private void carryOut(GateAction action) {
        if (action instanceof Ask ask) {
            RepositoryLocation location = Objects.requireNonNull(locations.get(ask.replica()));
            shared.poller()
                    .ask(
                            new ReplicaPoller.Read(location, repository, ask.question()),
                            new ReplicaPoller.Asker(
                                    () -> !ended,
                                    answer -> take(new GateEvent.Answered(ask.replica(), ask.question(), answer))));
        } else if (action instanceof GateAction.Progress line) {
            progress.add(line.line());
        } else if (action instanceof GateAction.WaitUntil wait) {
            stopTimer();
            timer = shared.thread().at(nextAdvance(wait.instant()), this::advance);
        } else if (action instanceof GateAction.Subscribe) {
            if (server != null) {
                shared.subscriptions().join(server, this);
            }
        } else {
            GateReport report = withUsualTimes(gate.report(shared.thread().now()));
            last = report;
            end();
            conclude(() -> result.complete(report));
        }
    }

    /** Returns the gate's own time, or the earlier one at which the usual times are to be asked for. */
    private Instant nextAdvance(Instant gatesOwn) {
        Instant from = usualTimesFrom();
        boolean isStillToAsk = server != null && shared.thread().now().isBefore(from);
        return isStillToAsk && from.isBefore(gatesOwn) ? from : gatesOwn;
    }

    private GateReport withUsualTimes(GateReport report) {
        String times = report.outcome() == GateOutcome.TIMED_OUT ? usualTimes(report) : "";
        if (times.isEmpty()) {
            return report;
        }
        progress.add(times);
        return new GateReport(
                report.condition(),
                report.outcome(),
                report.waited(),
                report.announced(),
                report.replicas(),
                report.missing() + ". " + times);
    }

    private void end() {
        ended = true;
        if (usual != null) {
            usual.cancel(false);
        }
        stopTimer();
        locations.values().forEach(location -> shared.poller().unfollow(location, this));
        if (server != null) {
            shared.subscriptions().leave(server, this);
        }
        onEnd.accept(this);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Ends the wait at once and drops lines that were not delivered. On the gate thread. */
    void cancel(String why) {
        if (!ended) {
            end();
            progress.discard();
            shared.blocking().execute(() -> result.completeExceptionally(new CancellationException(why)));
        }
    }

    @Override
    public CompletableFuture<GateReport> result() {
        CompletableFuture<GateReport> own = new CompletableFuture<>();
        // Unlike copy(), this keeps a cancellation a cancellation.
        var unused = result.whenComplete((report, thrown) -> {
            if (thrown == null) {
                own.complete(report);
            } else {
                own.completeExceptionally(thrown);
            }
        });
        return own;
    }

    @Override
    public void cancel() {
        shared.thread().execute(() -> cancel("the wait was cancelled"));
    }

    @Override
    public GateReport report() {
        GateReport end = last;
        return end == null ? latest.report(shared.thread().now()) : end;
    }

    @Override
    public ServerLink link() {
        return link;
    }

    @Override
    public GateSnapshot snapshot() {
        return latest;
    }
}
