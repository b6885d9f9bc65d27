package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HoldConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut.Waiting;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.HoldMetrics.End;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes announcements from the log to the fan-out: at once, or held until their revision can be read where the configuration says.
 * The package's description has the rules. Thread-safe; nothing blocks except {@link #close()}.
 */
public final class Hold implements LogListener, Reloadable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Hold.class);

    /** After a gate opened although a replica still has what was rolled back. */
    private static final Duration RECHECK = Duration.ofSeconds(2);

    private static final int LONGEST_NAME = Replica.MAX_NAME_LENGTH;

    /**
     * A revision that subscribers are not told yet.
     *
     * @param newest the newest announcement of its repository
     * @param since when the oldest held announcement of the repository arrived
     * @param until when subscribers are told anyway
     * @param why what is missing, one sentence; names replicas and caches
     */
    public record HeldRevision(Announcement newest, Instant since, Instant until, String why) {}

    private final FanOut fanOut;
    private final ReleasedValues released;
    private final Sites sites;
    private final ScheduledExecutorService thread;
    private final CacheRound.Shared rounds;
    private final Clock clock;
    private final Instant start;
    private final HoldMetrics metrics;
    private final Set<RepositoryName> woken = ConcurrentHashMap.newKeySet();

    /** Changed on the thread only. */
    private final ConcurrentMap<RepositoryName, Held> held = new ConcurrentHashMap<>();

    private volatile DeliveryConfig config;
    private volatile Consumer<RepositoryName> releaseListener = repository -> {};

    /**
     * Holds what the configuration says, and nothing without one.
     *
     * @param stateFolder where to remember what was told before a held revision; empty to forget it at a restart
     * @param network closed by the caller, later than this object
     */
    public Hold(
            DeliveryConfig config,
            FanOut fanOut,
            Optional<Path> stateFolder,
            ReplicaNetwork network,
            Clock clock,
            MeterRegistry meters) {
        this(
                config,
                fanOut,
                ReleasedValues.in(stateFolder),
                new Sites.OverHttp(network, clock),
                DaemonThreads.scheduler("cvmfs-notify-hold"),
                clock,
                meters);
    }

    /** @param thread one thread; closed with this object */
    Hold(
            DeliveryConfig config,
            FanOut fanOut,
            ReleasedValues released,
            Sites sites,
            ScheduledExecutorService thread,
            Clock clock,
            MeterRegistry meters) {
        this.config = config;
        this.fanOut = fanOut;
        this.released = released;
        this.sites = sites;
        this.thread = thread;
        this.rounds = new CacheRound.Shared(sites, thread);
        this.clock = clock;
        this.start = clock.instant();
        this.metrics = new HoldMetrics(meters, held::size, this::longestSeconds);
    }

    @Override
    public void delivered(Announcement announcement) {
        RepositoryName repository = announcement.message().repository();
        Optional<HoldConfig> entry = config.holdOf(repository);
        if (entry.isPresent() && !isOverdue(announcement, entry.get()) && isHeld(announcement)) {
            wake(repository);
        } else {
            var unused = released.take(repository);
            fanOut.delivered(announcement);
            if (held.containsKey(repository) || released.isKept(repository)) {
                wake(repository);
            }
        }
    }

    /** Holds it if there is room; before, after a restart, the value that had been told before it is told again. */
    private boolean isHeld(Announcement announcement) {
        RepositoryName repository = announcement.message().repository();
        released.take(repository)
                .filter(told -> !told.position().equals(announcement.position())
                        && !told.announcedAt().isAfter(announcement.announcedAt()))
                .ifPresent(fanOut::delivered);
        boolean hasRoom = fanOut.hold(announcement);
        if (!hasRoom) {
            metrics.ended(End.NO_ROOM, Duration.ZERO);
            LOG.atWarn()
                    .addKeyValue("repository", repository)
                    .addKeyValue("limit", "limits.max_last_value_bytes")
                    .log("announcement delivered without holding it: the memory of last values is full");
        }
        return hasRoom;
    }

    /** Returns true for a last value of before this start that has been held, or told, long enough. */
    private boolean isOverdue(Announcement announcement, HoldConfig entry) {
        Instant accepted = announcement.announcedAt();
        return accepted.isBefore(start) && !accepted.plus(entry.longest()).isAfter(clock.instant());
    }

    @Override
    public void located(Announcement announcement) {
        fanOut.located(announcement);
    }

    @Override
    public void forgotten(RepositoryName repository) {
        var unused = released.take(repository);
        fanOut.forgotten(repository);
        wake(repository);
    }

    @Override
    public boolean awaits(RepositoryName repository) {
        return fanOut.awaits(repository);
    }

    @Override
    public Runnable prepare(ProxyConfig next) {
        return () -> {
            config = next.delivery();
            held.keySet().forEach(this::wake);
        };
    }

    /** Calls this after each release, with the repository. It must not block. */
    public void onRelease(Consumer<RepositoryName> listener) {
        releaseListener = listener;
    }

    /** Returns what is held of a repository now, and why. */
    public Optional<HeldRevision> heldRevision(RepositoryName repository) {
        return Optional.ofNullable(held.get(repository)).flatMap(this::describe);
    }

    /** Returns what is held now, ordered by name. */
    public List<HeldRevision> heldRevisions() {
        return held.values().stream()
                .flatMap(it -> describe(it).stream())
                .sorted(Comparator.comparing(it -> it.newest().message().repository()))
                .toList();
    }

    private Optional<HeldRevision> describe(Held it) {
        return fanOut.waiting(it.repository)
                .map(waiting -> new HeldRevision(waiting.newest().announcement(), it.since, it.until, it.why()));
    }

    private double longestSeconds() {
        return held.values().stream()
                .map(it -> Duration.between(it.since, clock.instant()))
                .max(Comparator.naturalOrder())
                .map(longest -> longest.toMillis() / 1e3)
                .orElse(0.0);
    }

    private void wake(RepositoryName repository) {
        if (woken.add(repository)) {
            thread.execute(() -> {
                woken.remove(repository);
                examine(repository);
            });
        }
    }

    /** Compares what is held with what the fan-out has not told and the configuration asks for, and acts on the difference. */
    private void examine(RepositoryName repository) {
        Held known = held.get(repository);
        Waiting waiting = fanOut.waiting(repository).orElse(null);
        HoldConfig entry = config.holdOf(repository).orElse(null);
        if (waiting == null) {
            end(known, End.CANCELLED);
            released.drop(repository);
        } else if (entry == null) {
            end(known, End.CANCELLED);
            tell(waiting.newest());
            released.drop(repository);
        } else if (known == null) {
            Dispatch first = waiting.first();
            boolean exact = first == waiting.newest() ? waiting.isRollback() : isBelowLastValue(first);
            Held oldest = new Held(repository, entry, first, exact, since(first));
            // No replica serves a revision any more that was rolled back within a moment.
            begin(oldest.isOutdatedBy(waiting.newest()) ? oldest.followedBy(waiting) : oldest);
        } else if (known.target.sequence() < waiting.first().sequence()) {
            // It was forgotten, and another announcement came since.
            end(known, End.CANCELLED);
            examine(repository);
        } else if (!known.entry.equals(entry)) {
            replace(known, new Held(repository, entry, known.target, known.exact, known.since));
        } else if (known.isOutdatedBy(waiting.newest())) {
            replace(known, known.followedBy(waiting));
        }
    }

    private boolean isBelowLastValue(Dispatch dispatch) {
        return fanOut.lastValue(dispatch.announcement().message().repository())
                .map(last ->
                        last.message().revision().isNewerThan(manifest(dispatch).revision()))
                .orElse(false);
    }

    private static Instant since(Dispatch first) {
        return first.isHistory() ? first.announcement().announcedAt() : first.arrivedAt();
    }

    private void replace(Held known, Held next) {
        known.stop();
        begin(next);
    }

    private void begin(Held next) {
        fanOut.lastValue(next.repository).ifPresent(released::keep);
        held.put(next.repository, next);
        long left = Math.max(0, Duration.between(clock.instant(), next.until).toMillis());
        next.deadline = thread.schedule(() -> overdue(next), left, TimeUnit.MILLISECONDS);
        LOG.atInfo()
                .addKeyValue("repository", next.repository)
                .addKeyValue("revision", next.revision())
                .addKeyValue("until", next.until)
                .log("announcement held");
        openGate(next);
    }

    private void openGate(Held it) {
        if (!isCurrent(it)) {
            return;
        }
        it.isAsking = true;
        try {
            Wait wait = sites.start(it.condition());
            it.problem = "";
            it.wait = wait;
            var unused = wait.result()
                    .whenComplete((report, failure) -> thread.execute(() -> replicasDone(it, report, failure)));
        } catch (RuntimeException e) {
            openGateLater(it, e);
        }
    }

    private void openGateLater(Held it, @Nullable Throwable problem) {
        it.problem = problem == null ? "" : String.valueOf(problem.getMessage());
        var unused = thread.schedule(() -> openGate(it), RECHECK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private boolean isCurrent(Held it) {
        return held.get(it.repository) == it;
    }

    private void replicasDone(Held it, @Nullable GateReport report, @Nullable Throwable failure) {
        if (!isCurrent(it)) {
            return;
        }
        if (report == null || report.outcome() != GateOutcome.REACHED || !it.isServed(it.target, it.exact, report)) {
            // At its end the timer decides; until then a replica may still have what was rolled back.
            openGateLater(it, failure);
            return;
        }
        it.isAsking = false;
        CacheRound round = it.caches;
        if (round != null) {
            continueWith(it, round, report);
            return;
        }
        Waiting waiting = fanOut.waiting(it.repository).orElse(null);
        if (waiting == null) {
            end(it, End.CANCELLED);
            return;
        }
        boolean isNewestServed = it.isServed(waiting.newest(), waiting.isRollback(), report);
        Dispatch readable = isNewestServed ? waiting.newest() : it.target;
        if (it.entry.caches().isEmpty()) {
            release(it, readable, End.READABLE);
        } else {
            refreshCaches(it, readable, isNewestServed ? waiting.isRollback() : it.exact, report);
        }
    }

    private void refreshCaches(Held it, Dispatch readable, boolean exact, GateReport report) {
        CacheRound round = new CacheRound(
                rounds,
                readable,
                exact,
                it.served(report),
                it.entry.caches(),
                it.entry.neededCaches(),
                () -> release(it, readable, End.READABLE),
                () -> askReplicasAgain(it));
        it.caches = round;
        round.start();
    }

    private void askReplicasAgain(Held it) {
        if (!it.isAsking) {
            openGate(it);
        }
    }

    /** Goes on refreshing, through those replicas that serve the revision now; anew if none serves that revision any more. */
    private void continueWith(Held it, CacheRound round, GateReport report) {
        if (it.isServed(round.readable(), round.isExact(), report)) {
            round.readAt(it.served(report));
        } else {
            round.cancel();
            refreshCaches(it, it.target, it.exact, report);
        }
    }

    private void overdue(Held it) {
        if (isCurrent(it)) {
            String why = it.why();
            fanOut.waiting(it.repository).ifPresent(waiting -> {
                release(it, waiting.newest(), End.OVERDUE);
                LOG.atWarn()
                        .addKeyValue("repository", it.repository)
                        .addKeyValue("revision", manifest(waiting.newest()).revision())
                        .addKeyValue("missing", why)
                        .log("held announcement delivered although its revision is not readable everywhere");
            });
        }
    }

    private void release(Held it, Dispatch announcement, End end) {
        if (!isCurrent(it)) {
            return;
        }
        end(it, end);
        tell(announcement);
        if (end == End.READABLE) {
            LOG.atInfo()
                    .addKeyValue("repository", it.repository)
                    .addKeyValue("revision", manifest(announcement).revision())
                    .addKeyValue(
                            "afterSeconds",
                            Duration.between(it.since, clock.instant()).toSeconds())
                    .log("held announcement delivered");
        }
        examine(it.repository);
    }

    private void tell(Dispatch announcement) {
        fanOut.release(announcement);
        releaseListener.accept(announcement.announcement().message().repository());
    }

    private void end(@Nullable Held it, End end) {
        if (it != null) {
            it.stop();
            held.remove(it.repository, it);
            metrics.ended(end, Duration.between(it.since, clock.instant()));
        }
    }

    private static Manifest manifest(Dispatch dispatch) {
        return dispatch.announcement().message().manifest();
    }

    /** Cancels every gate; what is held stays in the log, and is held again after the next start. Closing twice is fine. */
    @Override
    public void close() {
        thread.shutdownNow();
        sites.close();
    }

    /** The held announcements of one repository. Confined to the thread, except for {@link #why()}. */
    private static final class Held {

        private final RepositoryName repository;
        private final HoldConfig entry;
        private final Dispatch target;
        private final Instant since;
        private final Instant until;
        private final boolean exact;
        private boolean isAsking;
        private @Nullable Future<?> deadline;
        private volatile @Nullable Wait wait;
        private volatile @Nullable CacheRound caches;
        private volatile String problem = "";

        /**
         * @param target what must be readable
         * @param exact whether something newer is not good enough, because it was rolled back
         */
        Held(RepositoryName repository, HoldConfig entry, Dispatch target, boolean exact, Instant since) {
            this.repository = repository;
            this.entry = entry;
            this.target = target;
            this.exact = exact;
            this.since = since;
            this.until = since.plus(entry.longest());
        }

        /** Returns the hold of the newest announcement, for no longer than this one. */
        Held followedBy(Waiting waiting) {
            return new Held(repository, entry, waiting.newest(), waiting.isRollback(), since);
        }

        Revision revision() {
            return manifest(target).revision();
        }

        /** Returns true if no replica will serve the target any more: it was rolled back, or the rollback was followed by something. */
        boolean isOutdatedBy(Dispatch newest) {
            return newest != target
                    && (exact || revision().isNewerThan(manifest(newest).revision()));
        }

        Condition condition() {
            Manifest manifest = manifest(target);
            Instant published = manifest.publishedAt();
            return new Condition(
                    repository,
                    new Target.RootHash(manifest.rootCatalog(), exact ? null : manifest.revision()),
                    replicas(),
                    entry.require(),
                    StalePolicy.WAIT,
                    until,
                    published == null ? target.announcement().announcedAt() : published);
        }

        private List<Replica> replicas() {
            List<Replica> replicas = new ArrayList<>();
            for (RepositoryLocation location : entry.locations(repository)) {
                String name = location.toString().replaceAll("[=\\s]", "_");
                boolean isLong = name.length() > LONGEST_NAME;
                replicas.add(new Replica(isLong ? "replica-" + (replicas.size() + 1) : name, location.toString()));
            }
            return replicas;
        }

        /**
         * Returns true if the replicas that opened the gate serve this; enough of them exactly this, if something newer is not good
         * enough.
         */
        boolean isServed(Dispatch dispatch, boolean exactly, GateReport report) {
            Manifest wanted = manifest(dispatch);
            if (!exactly) {
                return dispatch == target
                        || report.readable()
                                .map(served -> !wanted.revision().isNewerThan(served.revision()))
                                .orElse(false);
            }
            return counted(report)
                            .flatMap(replica -> Stream.ofNullable(replica.served()))
                            .filter(served -> served.toldRootHash()
                                    .filter(wanted.rootCatalog()::equals)
                                    .isPresent())
                            .count()
                    >= entry.require().of(entry.replicas().size());
        }

        /** Returns the locations of the replicas that count. */
        List<RepositoryLocation> served(GateReport report) {
            return counted(report)
                    .map(state -> RepositoryLocation.parse(state.replica().location()))
                    .toList();
        }

        private static Stream<ReplicaState> counted(GateReport report) {
            return report.replicas().stream()
                    .map(GateReport.ReplicaReport::state)
                    .filter(ReplicaState::counts);
        }

        String why() {
            CacheRound round = caches;
            Wait gate = wait;
            if (round != null) {
                return round.missing();
            }
            if (gate != null && problem.isEmpty()) {
                return gate.report().missing();
            }
            return problem.isEmpty() ? "the replicas are about to be read" : problem;
        }

        void stop() {
            if (deadline != null) {
                deadline.cancel(false);
            }
            if (wait != null) {
                wait.cancel();
            }
            if (caches != null) {
                caches.cancel();
            }
        }
    }
}
