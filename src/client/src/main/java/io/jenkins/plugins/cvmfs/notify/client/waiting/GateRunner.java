package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.Gate;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Request;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One gate that waits in a room: does what the gate says, and tells it what comes of it. Lives on the gate thread; the methods
 * of {@link Wait} may be called on any.
 */
final class GateRunner implements Wait, ReplicaPoller.Follower {

    private static final Logger LOG = LoggerFactory.getLogger(GateRunner.class);
    private static final Duration UNTIL_NEXT_TRY = Duration.ofSeconds(1);

    private final Room room;
    private final Gate gate;
    private final RepositoryName repository;
    private final @Nullable SubscriberSettings server;
    private final Map<Replica, RepositoryLocation> locations = new LinkedHashMap<>();
    private final ProgressQueue outbox;
    private final Consumer<GateRunner> leave;
    private final CompletableFuture<GateReport> result = new CompletableFuture<>();

    private @Nullable Future<?> timer;
    private volatile GateSnapshot latest;
    private volatile @Nullable GateReport last;
    private volatile boolean ended;

    /**
     * @param leave called once, at the end
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if a replica's location is none
     */
    GateRunner(
            Room room,
            GateSnapshot known,
            @Nullable SubscriberSettings server,
            ProgressListener listener,
            Consumer<GateRunner> leave) {
        this.room = room;
        this.repository = known.condition().repository();
        this.server = server;
        this.outbox = new ProgressQueue(listener, room.mayBlock());
        this.leave = leave;
        this.latest = known;
        for (Replica replica : known.condition().replicas()) {
            locations.put(replica, RepositoryLocation.parse(replica.location()));
        }
        // Draws nothing from the source of randomness yet, which belongs to the gate thread.
        Instant now = room.thread().now();
        this.gate = Gate.resume(known, server != null, room.pacing(), room.random(), now);
    }

    RepositoryName repository() {
        return repository;
    }

    void start() {
        locations.values().forEach(location -> {
            room.desk().follow(location);
            room.reads().follow(location, this);
        });
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

    void take(GateEvent event) {
        advanceAfter(() -> gate.take(event, room.thread().now()));
    }

    private void advance() {
        advanceAfter(() -> {});
    }

    /** A mistake, an {@code Error} too, ends the wait: nobody is to wait for a gate that has stopped. */
    private void advanceAfter(Runnable news) {
        if (ended) {
            return;
        }
        try {
            news.run();
            List<GateAction> actions = gate.advance(room.thread().now());
            latest = gate.snapshot();
            actions.forEach(this::obey);
        } catch (RuntimeException | Error e) {
            end();
            conclude(() -> result.completeExceptionally(e));
        }
    }

    /** Whoever waits for the result must get it, also if no thread can be had at this moment. */
    private void conclude(Runnable completion) {
        try {
            outbox.end(completion);
        } catch (RuntimeException | Error e) {
            LOG.atWarn().setCause(e).log("a gate's end cannot be told yet");
            var unused = room.thread().after(UNTIL_NEXT_TRY, () -> conclude(completion));
        }
    }

    private void obey(GateAction action) {
        if (action instanceof Request request) {
            ask(request);
        } else if (action instanceof GateAction.Tell tell) {
            outbox.tell(tell.line());
        } else if (action instanceof GateAction.WaitUntil wait) {
            stopTimer();
            timer = room.thread().at(wait.instant(), this::advance);
        } else if (action instanceof GateAction.Subscribe) {
            if (server != null) {
                room.servers().join(server, this);
            }
        } else {
            finish();
        }
    }

    private void ask(Request request) {
        Replica replica = request.replica();
        RepositoryLocation location = locations.get(replica);
        if (location != null) {
            room.reads().ask(Questions.of(request, location), new ReplicaPoller.Asker() {
                @Override
                public boolean isInterested() {
                    return !ended;
                }

                @Override
                public void answered(ReplicaFinding finding) {
                    take(Questions.answer(request, repository, finding));
                }
            });
        }
    }

    private void finish() {
        GateReport report = gate.report(room.thread().now());
        last = report;
        end();
        conclude(() -> result.complete(report));
    }

    private void end() {
        ended = true;
        stopTimer();
        locations.values().forEach(location -> {
            room.desk().forget(location);
            room.reads().unfollow(location, this);
        });
        if (server != null) {
            room.servers().leave(server, this);
        }
        leave.accept(this);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Ends it at once, lines not yet told are dropped. On the gate thread. */
    void cancel(String why) {
        if (!ended) {
            end();
            outbox.discard();
            room.mayBlock().execute(() -> result.completeExceptionally(new CancellationException(why)));
        }
    }

    @Override
    public CompletableFuture<GateReport> result() {
        CompletableFuture<GateReport> own = new CompletableFuture<>();
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
        room.thread().execute(() -> cancel("the wait was cancelled"));
    }

    @Override
    public GateReport report() {
        GateReport end = last;
        return end == null ? latest.report(room.thread().now()) : end;
    }

    @Override
    public GateSnapshot snapshot() {
        return latest;
    }
}
