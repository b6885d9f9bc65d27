package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HoldConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watching replicas that serve what the test says, on a clock and a thread moved by hand. */
class ReplicaBoardTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final String S1 = "http://s1.example.org/cvmfs/@fqrn@";
    private static final String S2 = "http://s2.example.org:8000/cvmfs/@fqrn@";
    private static final Duration INTERVAL = Duration.ofMinutes(10);

    @TempDir
    Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ManualClock clock = new ManualClock();
    private final EmbeddedChannel thread = new EmbeddedChannel();
    private final Network files = Network.builder().build();
    private final ScriptedReplicas replicas = new ScriptedReplicas();
    private final ReplicaNetwork network = new ReplicaNetwork(replicas);
    private final List<Announcement> lastValues = new ArrayList<>();
    private final List<Announcement> passedOn = new ArrayList<>();
    private ReplicaBoard board;
    private LogListener log;

    ReplicaBoardTest() {
        thread.freezeTime();
        start(watching(100, S1, S2));
    }

    private void start(ProxyConfig config) {
        meters.clear();
        board = new ReplicaBoard(config, network, () -> lastValues, thread.eventLoop(), () -> 0, clock, meters);
        LogListener before = passedOn::add;
        log = before.andThen(board);
    }

    @AfterEach
    void close() {
        thread.finishAndReleaseAll();
        files.close();
    }

    @Test
    void aReadIsReportedBeforeItsCallerHearsOfIt() {
        List<String> order = new ArrayList<>();
        network.onRead((location, fetched, failure) -> order.add("listener"));
        replicas.isSilent = true;

        var unused = network.reader()
                .manifest(RepositoryLocation.parse("http://a.example.org/cvmfs/x"), null)
                .whenComplete((fetched, failure) -> order.add("caller"));
        replicas.answerAll();

        assertThat(order).containsExactly("listener", "caller");
    }

    @Test
    void itShowsWhatEachReplicaServesAndWhichOneLags() {
        replicas.serve(S1, A, 7);
        replicas.serve(S2, A, 6);

        announce(A, 7);
        assertThat(board.replicasOf(name(A)))
                .as("nothing is known before it was read")
                .allMatch(status -> status.state() == State.UNREAD);
        letPass(Duration.ofSeconds(2));

        assertThat(board.replicasOf(name(A)))
                .satisfiesExactly(
                        s1 -> {
                            assertThat(s1.replica()).isEqualTo("s1.example.org");
                            assertThat(s1.location()).hasToString("http://s1.example.org/cvmfs/" + A);
                            assertThat(s1.state()).isEqualTo(State.CURRENT);
                            assertThat(s1.served().revision()).isEqualTo(new Revision(7));
                        },
                        s2 -> {
                            assertThat(s2.replica()).isEqualTo("s2.example.org:8000");
                            assertThat(s2.state()).isEqualTo(State.LAGGING);
                            assertThat(s2.laggingSince()).isEqualTo(ManualClock.START);
                        });
        assertThat(passedOn).as("the next listener hears it too").hasSize(1);
        assertThat(gauge("cvmfs_notify_replica_lagging", "s2.example.org:8000")).isEqualTo(1);
        assertThat(gauge("cvmfs_notify_replica_lag_seconds", "s2.example.org:8000"))
                .isEqualTo(2);
        assertThat(gauge("cvmfs_notify_replica_lagging", "s1.example.org")).isZero();
    }

    @Test
    void aPropagationTimeEndsWhenTheReplicaIsFirstSeenWithTheRevision() {
        replicas.serve(S1, A, 6);
        announce(A, 7);
        letPass(Duration.ofMinutes(5));
        replicas.serve(S1, A, 7);

        letPass(Duration.ofMinutes(2));

        Propagation measured = times(A, S1).get(0);
        assertThat(measured.revision()).isEqualTo(new Revision(7));
        assertThat(measured.time()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
        assertThat(measured.within()).as("a fifth, and the jitter").isLessThanOrEqualTo(Duration.ofSeconds(75));
        assertThat(board.replicasOf(name(A)).get(0).usual()).hasValueSatisfying(usual -> {
            assertThat(usual.count()).isEqualTo(1);
            assertThat(usual.p50()).isEqualTo(measured.time());
        });
        assertThat(meters.get("cvmfs_notify_replica_propagation")
                        .tag("replica", "s1.example.org")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aReplicaThatLagsIsReadLessAndLessOften() {
        replicas.serve(S1, A, 6);
        replicas.serve(S2, A, 7);
        announce(A, 7);

        letPass(Duration.ofMinutes(15));
        int first = replicas.reads(S1, A);
        letPass(Duration.ofHours(1));

        assertThat(first).isBetween(20, 45);
        assertThat(replicas.reads(S1, A) - first).isBetween(5, 12);
        assertThat(replicas.reads(S2, A))
                .as("every ten minutes, once it is current")
                .isBetween(7, 10);
    }

    @Test
    void readsForAHoldCountAsReads() {
        replicas.serve(S1, A, 6);
        replicas.serve(S2, A, 7);
        announce(A, 7);
        letPass(Duration.ofMinutes(1));
        int own = replicas.reads(S1, A);

        for (int i = 0; i < 120; i++) {
            var unused = network.reader().manifest(placeOf(S1, A), null);
            letPass(Duration.ofSeconds(1));
        }
        assertThat(replicas.reads(S1, A) - own).as("none but those of the hold").isEqualTo(120);
        replicas.serve(S1, A, 7);
        var unused = network.reader().manifest(placeOf(S1, A), null);
        thread.runPendingTasks();

        assertThat(times(A, S1)).singleElement().satisfies(measured -> {
            assertThat(measured.time()).isEqualTo(Duration.ofMinutes(3));
            assertThat(measured.within()).isEqualTo(Duration.ofSeconds(1));
        });
    }

    @Test
    void aRevisionAnnouncedBeforeTheStartIsMeasuredOnlyIfTheReplicaWasSeenWithoutIt() {
        Instant before = clock.instant().minus(Duration.ofMinutes(3));
        replicas.serve(S1, A, 7);
        replicas.serve(S2, A, 6);

        deliver(A, 7, before);
        letPass(Duration.ofMinutes(1));
        assertThat(times(A, S1)).as("perhaps it has been there for long").isEmpty();
        assertThat(board.replicasOf(name(A)).get(1).laggingSince()).isEqualTo(before);
        replicas.serve(S2, A, 7);
        letPass(Duration.ofMinutes(1));

        assertThat(times(A, S2))
                .singleElement()
                .satisfies(measured -> assertThat(measured.time()).isGreaterThan(Duration.ofMinutes(4)));
    }

    @Test
    void revisionsThatArriveTogetherAreMeasuredEachFromItsAnnouncement() {
        replicas.serve(S1, A, 6);
        announce(A, 7);
        letPass(Duration.ofMinutes(2));
        announce(A, 8);
        letPass(Duration.ofMinutes(1));
        replicas.serve(S1, A, 8);
        letPass(Duration.ofMinutes(1));

        List<Propagation> measured = times(A, S1);
        assertThat(measured).extracting(Propagation::revision).containsExactly(new Revision(8), new Revision(7));
        assertThat(measured.get(1).time().minus(measured.get(0).time())).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void aReplicaThatStillServesWhatWasRolledBackLags() {
        replicas.serve(S1, A, 7);
        announce(A, 7);
        letPass(Duration.ofSeconds(2));
        announce(A, 5);
        letPass(Duration.ofSeconds(2));
        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.LAGGING);

        replicas.serve(S1, A, 5);
        letPass(Duration.ofSeconds(2));

        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.CURRENT);
        assertThat(times(A, S1)).extracting(Propagation::revision).containsExactly(new Revision(5), new Revision(7));
    }

    /** As when a repository is restored from a backup: its manifest has its old time. */
    @Test
    void whatWasRolledBackIsNotNewerThoughItWasPublishedLater() {
        Instant before = clock.instant().minus(Duration.ofHours(2));
        announce(manifestBytes(A, 5, before));
        byte[] rolledBack = manifestBytes(A, 7, before.plusSeconds(3600));
        replicas.serve(S1, A, rolledBack);
        announce(rolledBack);
        letPass(Duration.ofSeconds(2));

        announce(manifestBytes(A, 5, before));
        letPass(Duration.ofSeconds(2));
        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.LAGGING);

        replicas.serve(S1, A, manifestBytes(A, 6, clock.instant()));
        letPass(Duration.ofSeconds(2));
        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.CURRENT);
    }

    @Test
    void aReplicaThatCannotBeReadSaysWhyAndIsReadAgain() {
        replicas.serve(S1, A, 7);
        announce(A, 7);
        letPass(Duration.ofSeconds(2));
        replicas.fail(S1, A, "connection refused");
        letPass(Duration.ofMinutes(12));

        ReplicaStatus down = board.replicasOf(name(A)).get(0);
        assertThat(down.state()).isEqualTo(State.UNREADABLE);
        assertThat(down.error()).isEqualTo("connection refused");
        assertThat(down.served().revision()).isEqualTo(new Revision(7));
        assertThat(down.laggingSince()).isNull();
        assertThat(gauge("cvmfs_notify_replica_unreadable", "s1.example.org")).isEqualTo(1);
        replicas.serve(S1, A, 7);
        letPass(Duration.ofMinutes(5));

        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.CURRENT);
    }

    @Test
    void aManifestOfAnotherRepositoryIsAnError() {
        replicas.serveOther(S1, A, B, 7);

        announce(A, 7);
        letPass(Duration.ofSeconds(2));

        assertThat(board.replicasOf(name(A)).get(0).error()).isEqualTo("the manifest there is of repository " + B);
    }

    @Test
    void aHostIsAskedOneThingAtATimeAndFirstWhatWasAnnounced() {
        for (int i = 0; i < 10; i++) {
            deliver("r" + i + ".example.org", 1, clock.instant().minusSeconds(60));
        }
        replicas.isSilent = true;
        letPass(Duration.ofMinutes(1));
        assertThat(replicas.unanswered).as("two hosts").hasSize(2);

        announce(A, 1);
        letPass(Duration.ofSeconds(2));
        replicas.answerAll();
        thread.runPendingTasks();

        assertThat(replicas.unanswered.keySet()).extracting(Object::toString).allMatch(read -> read.endsWith(A));
    }

    @Test
    void noMoreReplicasAreWatchedThanConfigured() {
        start(watching(3, S1, S2));

        announce(A, 1);
        announce(B, 1);

        assertThat(board.replicasOf(name(A))).hasSize(2);
        assertThat(board.replicasOf(name(B))).hasSize(1);
        assertThat(meters.get("cvmfs_notify_announcements_unwatched").counter().count())
                .isEqualTo(1);
        log.forgotten(name(A));
        announce(B, 2);
        assertThat(board.replicasOf(name(B))).hasSize(2);
        assertThat(meters.get("cvmfs_notify_watched_replicas").gauge().value()).isEqualTo(2);
    }

    @Test
    void whatIsForgottenIsReadNoMore() {
        replicas.serve(S1, A, 1);
        announce(A, 1);
        letPass(Duration.ofSeconds(2));
        int before = replicas.reads(S1, A);

        log.forgotten(name(A));
        letPass(Duration.ofHours(1));

        assertThat(board.replicasOf(name(A))).isEmpty();
        assertThat(replicas.reads(S1, A)).isEqualTo(before);
        announce(A, 2);
        assertThat(board.replicasOf(name(A))).as("announced anew").hasSize(2);
    }

    @Test
    void theReplicasOfAHoldAreWatchedUnlessTheConfigurationSaysNo() {
        HoldConfig hold = new HoldConfig(
                new RepositoryPattern("*"), List.of(S1), List.of(), Requirement.ALL, Duration.ofMinutes(5));
        ProxyConfig holding = TestConfigs.with(
                TestConfigs.standalone(0), new DeliveryConfig(Duration.ZERO, Duration.ZERO, List.of(hold), List.of()));
        start(holding);
        announce(A, 1);
        assertThat(board.replicasOf(name(A))).extracting(ReplicaStatus::replica).containsExactly("s1.example.org");

        start(TestConfigs.with(holding, new WatchConfig(false, INTERVAL, 100, List.of())));
        announce(A, 1);

        assertThat(board.replicasOf(name(A))).isEmpty();
    }

    @Test
    void aReloadWatchesOtherReplicasAndKeepsWhatItKnowsOfTheRest() {
        replicas.serve(S1, A, 1);
        announce(A, 1);
        letPass(Duration.ofSeconds(2));

        board.prepare(watching(100, S1, "/srv/cvmfs/@fqrn@")).run();
        thread.runPendingTasks();

        assertThat(board.replicasOf(name(A)))
                .extracting(ReplicaStatus::replica)
                .containsExactlyInAnyOrder("s1.example.org", "/srv/cvmfs");
        assertThat(board.replicasOf(name(A)).get(0).usual()).isPresent();
        assertThat(board.servers())
                .extracting(ReplicaStatus.ServerStatus::replica)
                .containsExactly("/srv/cvmfs", "s1.example.org");
    }

    @Test
    void aReloadWithTheFirstReplicasWatchesWhatWasAnnouncedBefore() {
        start(TestConfigs.standalone(0));
        announce(A, 1);
        lastValues.add(passedOn.get(passedOn.size() - 1));
        assertThat(board.replicasOf(name(A))).isEmpty();

        board.prepare(watching(100, S1)).run();
        thread.runPendingTasks();

        assertThat(board.replicasOf(name(A))).hasSize(1);
    }

    @Test
    void theLastHundredTimesAreKeptWithMedianAndNinetyFifthPercentile() {
        PropagationTimes times = new PropagationTimes(100);
        for (int i = 1; i <= 150; i++) {
            times.add(new Propagation(new Revision(i), Duration.ofSeconds(i), Duration.ofSeconds(1)));
        }

        assertThat(times.newestFirst())
                .hasSize(100)
                .first()
                .satisfies(newest -> assertThat(newest.revision()).isEqualTo(new Revision(150)));
        assertThat(times.percentiles())
                .hasValue(new ReplicaStatus.Percentiles(100, Duration.ofSeconds(100), Duration.ofSeconds(145)));
    }

    @Test
    void aServerHasTheTimesOfAllItsRepositories() {
        replicas.serve(S1, A, 1);
        replicas.serve(S1, B, 1);
        announce(A, 1);
        announce(B, 1);
        letPass(Duration.ofSeconds(3));

        assertThat(board.servers().get(0).usual().orElseThrow().count()).isEqualTo(2);
        assertThat(board.servers().get(0).repositories()).isEqualTo(2);
        assertThat(board.servers().get(1).unreadable()).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackDelaysNoReadForLongerThanTheInterval() {
        replicas.serve(S1, A, 7);
        announce(A, 7);
        letPass(Duration.ofSeconds(2));
        int before = replicas.reads(S1, A);

        clock.move(Duration.ofHours(-5));
        announce(A, 8);
        letPass(INTERVAL);

        assertThat(replicas.reads(S1, A)).isGreaterThan(before);
    }

    @Test
    void aTimeThatWaitingForTheHostMadeLongerIsNotCounted() {
        replicas.isSilent = true;
        announce(B, 1);
        letPass(Duration.ofSeconds(2));
        announce(A, 1);
        letPass(Duration.ofSeconds(30));

        replicas.serve(S1, A, 1);
        replicas.answerAll();
        thread.runPendingTasks();
        replicas.answerAll();
        thread.runPendingTasks();

        assertThat(board.replicasOf(name(A)).get(0).state()).isEqualTo(State.CURRENT);
        assertThat(times(A, S1)).isEmpty();
    }

    private static ProxyConfig watching(int most, String... urls) {
        return TestConfigs.with(
                TestConfigs.standalone(0),
                new WatchConfig(
                        true, INTERVAL, most, List.of(new WatchedReplicas(new RepositoryPattern("*"), List.of(urls)))));
    }

    private static RepositoryName name(String text) {
        return new RepositoryName(text);
    }

    private static RepositoryLocation placeOf(String replica, String repository) {
        return RepositoryLocation.parse(replica.replace("@fqrn@", repository));
    }

    private List<Propagation> times(String repository, String replica) {
        return board.propagationsOf(name(repository), placeOf(replica, repository));
    }

    private double gauge(String metric, String replica) {
        return meters.get(metric).tag("replica", replica).gauge().value();
    }

    private void announce(String repository, long revision) {
        deliver(repository, revision, clock.instant());
    }

    private void deliver(String repository, long revision, Instant accepted) {
        deliver(manifestBytes(repository, revision), accepted);
    }

    private void announce(byte[] manifest) {
        deliver(manifest, clock.instant());
    }

    private void deliver(byte[] manifest, Instant accepted) {
        ActivityMessage message = ActivityMessage.announce(manifest, accepted);
        log.delivered(new Announcement(message, new LogPosition("epoch1", passedOn.size()), accepted));
        thread.runPendingTasks();
    }

    private static byte[] manifestBytes(String repository, long revision) {
        return manifest(repository, revision, "");
    }

    private static byte[] manifestBytes(String repository, long revision, Instant published) {
        return manifest(repository, revision, "T%d\n".formatted(published.getEpochSecond()));
    }

    private static byte[] manifest(String repository, long revision, String more) {
        return """
                C%040x
                Rd41d8cd98f00b204e9800998ecf8427e
                D240
                S%d
                N%s
                %s--
                """.formatted(revision, revision, repository, more).getBytes(UTF_8);
    }

    /** In steps, so that what a timer begins has its own timers in time. */
    private void letPass(Duration time) {
        for (long left = time.toMillis(); left > 0; left -= 500) {
            long step = Math.min(left, 500);
            clock.move(Duration.ofMillis(step));
            thread.advanceTimeBy(step, TimeUnit.MILLISECONDS);
            thread.runScheduledPendingTasks();
            thread.runPendingTasks();
        }
    }

    /** Answers at once, unless it is silent. */
    private final class ScriptedReplicas implements RepositoryReader {

        private final Map<RepositoryLocation, byte[]> served = new HashMap<>();
        private final Map<RepositoryLocation, String> problems = new HashMap<>();
        private final Map<RepositoryLocation, Integer> reads = new HashMap<>();
        private final Map<RepositoryLocation, CompletableFuture<FetchedManifest>> unanswered = new HashMap<>();
        private boolean isSilent;

        void serve(String replica, String repository, long revision) {
            serveOther(replica, repository, repository, revision);
        }

        void serve(String replica, String repository, byte[] manifest) {
            problems.remove(placeOf(replica, repository));
            served.put(placeOf(replica, repository), manifest);
        }

        void serveOther(String replica, String repository, String found, long revision) {
            serve(replica, repository, manifestBytes(found, revision));
        }

        void fail(String replica, String repository, String problem) {
            problems.put(placeOf(replica, repository), problem);
        }

        int reads(String replica, String repository) {
            return reads.getOrDefault(placeOf(replica, repository), 0);
        }

        void answerAll() {
            Map<RepositoryLocation, CompletableFuture<FetchedManifest>> asked = Map.copyOf(unanswered);
            unanswered.clear();
            asked.forEach((location, answer) -> {
                byte[] bytes = served.get(location);
                if (bytes == null) {
                    answer.completeExceptionally(new TransientFailureException("busy"));
                } else {
                    answer.complete(fetched(bytes));
                }
            });
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(
                RepositoryLocation location, @Nullable FetchedManifest previous) {
            reads.merge(location, 1, Integer::sum);
            if (isSilent) {
                CompletableFuture<FetchedManifest> answer = new CompletableFuture<>();
                unanswered.put(location, answer);
                return answer;
            }
            byte[] bytes = served.get(location);
            String problem = problems.get(location);
            return problem != null || bytes == null
                    ? CompletableFuture.failedFuture(
                            new TransientFailureException(problem == null ? "no such host" : problem))
                    : CompletableFuture.completedFuture(fetched(bytes));
        }

        private FetchedManifest fetched(byte[] bytes) {
            try {
                Files.write(folder.resolve(".cvmfspublished"), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return files.repositoryReader()
                    .manifest(new RepositoryLocation.Folder(folder), null)
                    .join();
        }

        @Override
        public CompletableFuture<Boolean> objectPresent(
                RepositoryLocation location, ContentHash hash, ObjectKind kind) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
            throw new UnsupportedOperationException();
        }
    }
}
