package io.jenkins.plugins.cvmfs.notify.trigger;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.ManualClock;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Jenkins of one job, whose time passes as the test says; tasks run at once. */
final class ScriptedHost implements RevisionWatch.Host {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");
    static final RevisionWatch.Parameters DEFAULTS = with(false, false, Duration.ZERO, Duration.ZERO);

    final List<ManifestSummary> queued = new ArrayList<>();
    final List<ManifestSummary> built = new ArrayList<>();
    final List<String> problems = new ArrayList<>();
    final List<Consumer<ActivityMessage>> listeners = new ArrayList<>();
    final Map<ManifestSummary, NotifyException> invalid = new HashMap<>();
    final ManualClock clock = new ManualClock(START);
    boolean isBuildable = true;
    int opened;

    @Nullable
    KnownRevisions saved;

    @Nullable
    RuntimeException failing;

    @Nullable
    RuntimeException deaf;

    private final RepositoryEntry entry = new RepositoryEntry(REPOSITORY.value());
    private final List<RepositoryEntry> repositories = new ArrayList<>(List.of(entry));
    private final List<Timed> timers = new ArrayList<>();
    private final Map<String, ManifestSummary> served = new LinkedHashMap<>();
    private @Nullable ScriptedWait wait;

    ScriptedHost() {
        entry.setStratum0("http://zero.example.org/cvmfs/sw.example.org");
        entry.setReplicas(List.of(
                new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                new ReplicaEntry("site-b", "http://b.example.org/cvmfs/sw.example.org")));
    }

    RevisionWatch watch(RevisionWatch.Parameters parameters) {
        return new RevisionWatch(parameters, this, clock);
    }

    static RevisionWatch.Parameters with(boolean existing, boolean every, Duration quietPeriod, Duration spacing) {
        return new RevisionWatch.Parameters(REPOSITORY, List.of(), null, null, quietPeriod, spacing, every, existing);
    }

    static RevisionWatch.Parameters requiring(String require, String... replicas) {
        return new RevisionWatch.Parameters(
                REPOSITORY,
                List.of(replicas),
                new Requirement(require),
                null,
                Duration.ZERO,
                Duration.ZERO,
                false,
                false);
    }

    /** Published long before the trigger was added, the lower ones earlier. */
    static ManifestSummary revision(long number) {
        return revision(number, START.minusSeconds(100_000 - number));
    }

    static ManifestSummary revision(long number, Instant publishedAt) {
        return new ManifestSummary(
                new Revision(number), ContentHash.parse("%040x".formatted(number * 1000)), publishedAt);
    }

    void keys() {
        entry.setMasterKeys(SigningKeys.shared("test", START).masterKeyPem());
    }

    void moveStratum0() {
        entry.setStratum0("http://moved.example.org/cvmfs/sw.example.org");
    }

    void removeRepository() {
        repositories.clear();
    }

    void addRepository() {
        repositories.add(entry);
    }

    void announce(long number) {
        ManifestSummary summary = revision(number);
        String text = "C%s\nB1\nRd41d8cd98f00b204e9800998ecf8427e\nX%s\nS%d\nD240\nNsw.example.org\nT%d\n--\n%s\n"
                .formatted(
                        summary.rootHash(),
                        summary.rootHash(),
                        number,
                        Objects.requireNonNull(summary.publishedAt()).getEpochSecond(),
                        summary.rootHash());
        ActivityMessage message = ActivityMessage.announce(text.getBytes(US_ASCII), START);
        List.copyOf(listeners).forEach(listener -> listener.accept(message));
    }

    /** The stratum 0, which is called {@code zero}, or a replica serves this revision now, and the wait looks at it. */
    void serves(String replica, long number) {
        serves(replica, revision(number));
    }

    void serves(String replica, ManifestSummary summary) {
        serve(replica, summary);
        current().look();
    }

    /** The same, but the wait does not look yet. */
    void serve(String replica, ManifestSummary summary) {
        served.put(replica.equals("zero") ? "stratum0" : replica, summary);
    }

    /** A wait that is not over reports what the replica serves now. */
    void changes(String replica, ManifestSummary summary) {
        serve(replica, summary);
        current().progress.progress(replica + " serves another revision");
    }

    void fail(Throwable failure) {
        current().result.completeExceptionally(failure);
    }

    boolean isWaiting() {
        return wait != null && !wait.cancelled;
    }

    Condition condition() {
        return current().condition;
    }

    Target target() {
        return condition().target();
    }

    private ScriptedWait current() {
        return Objects.requireNonNull(wait);
    }

    /** Lets time pass, and runs what is due meanwhile. */
    void pass(Duration time) {
        Instant end = clock.instant().plus(time);
        for (Timed next = due(end); next != null; next = due(end)) {
            clock.advance(until(next.at));
            timers.remove(next);
            next.task.run();
        }
        clock.advance(until(end));
    }

    private Duration until(Instant time) {
        Instant now = clock.instant();
        return time.isAfter(now) ? Duration.between(now, time) : Duration.ZERO;
    }

    private @Nullable Timed due(Instant end) {
        timers.removeIf(timer -> timer.isCancelled());
        return timers.stream()
                .filter(timer -> !timer.at.isAfter(end))
                .min(Comparator.comparing(timer -> timer.at))
                .orElse(null);
    }

    @Override
    public Optional<KnownRevisions> load() {
        return Optional.ofNullable(saved);
    }

    @Override
    public void save(KnownRevisions known) {
        saved = known;
    }

    @Override
    public ConfiguredSites sites() {
        if (failing != null) {
            throw failing;
        }
        return new ConfiguredSites(
                List.of(new ServerEntry("main", "http://notify.example.org/api/v1")), repositories, false);
    }

    @Override
    public Wait open(Optional<ServerSettings> server, GateSnapshot start, ProgressListener progress) {
        opened++;
        wait = new ScriptedWait(start.condition(), progress);
        return wait;
    }

    @Override
    public WaitService.Listening listen(ServerSettings server, Consumer<ActivityMessage> listener) {
        if (deaf != null) {
            throw deaf;
        }
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void verify(Replica replica, ManifestSummary expected, MasterKeys keys, byte @Nullable [] announced) {
        NotifyException problem = invalid.get(expected);
        if (problem != null) {
            throw problem;
        }
    }

    @Override
    public boolean isQueued() {
        return !queued.isEmpty();
    }

    @Override
    public boolean schedule(ManifestSummary revision) {
        if (isBuildable) {
            queued.add(revision);
        }
        return isBuildable;
    }

    @Override
    public List<ManifestSummary> built() {
        return built;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public Future<?> after(Duration delay, Runnable task) {
        Timed timer = new Timed(clock.instant().plus(delay), task);
        timers.add(timer);
        if (delay.isZero()) {
            pass(Duration.ZERO);
        }
        return timer;
    }

    @Override
    public void problem(String text) {
        problems.add(text);
    }

    private static final class Timed extends CompletableFuture<Void> {

        private final Instant at;
        private final Runnable task;

        private Timed(Instant at, Runnable task) {
            this.at = at;
            this.task = task;
        }
    }

    /** A wait that ends when enough replicas serve its target. */
    private final class ScriptedWait implements Wait {

        private final Condition condition;
        private final ProgressListener progress;
        private final CompletableFuture<GateReport> result = new CompletableFuture<>();
        private boolean cancelled;

        private ScriptedWait(Condition condition, ProgressListener progress) {
            this.condition = condition;
            this.progress = progress;
        }

        private void look() {
            assertThat(cancelled).isFalse();
            GateReport report = report();
            if (report.counted() >= condition.needed()) {
                result.complete(report);
            }
        }

        @Override
        public CompletableFuture<GateReport> result() {
            return result;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public GateReport report() {
            List<GateReport.ReplicaReport> replicas = condition.replicas().stream()
                    .map(replica -> new GateReport.ReplicaReport(state(replica), "", null, null))
                    .toList();
            return new GateReport(condition, GateOutcome.REACHED, Duration.ZERO, null, replicas, "");
        }

        private ReplicaState state(Replica replica) {
            ManifestSummary summary = served.get(replica.name());
            boolean meets = Stream.ofNullable(summary).anyMatch(condition.target()::isMetBy);
            return new ReplicaState(
                    replica,
                    summary,
                    meets ? ReplicaState.RootCatalog.PRESENT : ReplicaState.RootCatalog.UNKNOWN,
                    meets ? START : null,
                    meets ? START : null,
                    START,
                    null,
                    null,
                    null);
        }

        @Override
        public ServerLink link() {
            return new ServerLink(ServerLink.State.CONNECTED, null);
        }

        @Override
        public GateSnapshot snapshot() {
            return GateSnapshot.start(condition, START);
        }
    }
}
