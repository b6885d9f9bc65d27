package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HoldConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.TestSubscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Holding with replicas and caches that answer when the test says so, on a clock and a thread moved by hand. */
@ExtendWith(LeakGuard.class)
class HoldTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final HttpCache SQUID_1 = HttpCache.parse("http://squid1.example.org:3128");
    private static final HttpCache SQUID_2 = HttpCache.parse("http://squid2.example.org:3128");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ManualClock clock = new ManualClock();
    private final EmbeddedChannel thread = new EmbeddedChannel();
    private final ScriptedSites sites = new ScriptedSites();
    private FanOut fanOut;
    private Hold hold;
    private final List<TestSubscriber> subscribers = new ArrayList<>();
    private long offset;

    HoldTest() {
        thread.freezeTime();
        start(null, TestConfigs.repositories());
    }

    private void start(Path stateOrNull, RepositoryLimits limits) {
        meters.clear();
        fanOut = new FanOut(limits, Duration.ofMinutes(1), Long.MAX_VALUE, Redeliveries.off(), clock, meters);
        hold = new Hold(
                holding(entry("*")),
                fanOut,
                ReleasedValues.in(Optional.ofNullable(stateOrNull)),
                sites,
                thread.eventLoop(),
                clock,
                meters);
    }

    /** As after the end of the process: the held ones are forgotten, and their gates too. */
    private void restart(Path state, RepositoryLimits limits) {
        disconnect(subscribers);
        sites.gates.forEach(gate -> gate.result.cancel(false));
        sites.gates.clear();
        start(state, limits);
    }

    private static void disconnect(List<TestSubscriber> all) {
        all.forEach(TestSubscriber::disconnect);
        all.clear();
    }

    @AfterEach
    void disconnect() {
        disconnect(subscribers);
        thread.finishAndReleaseAll();
    }

    @Test
    void withoutAnEntryAnAnnouncementPassesThrough() {
        reload(entry(B));
        TestSubscriber subscriber = subscribed(A);

        announce(A, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(sites.gates).isEmpty();
    }

    @Test
    void subscribersAreToldWhenTheReplicasServeTheRevision() {
        TestSubscriber subscriber = subscribed(A);

        announce(A, 1);
        assertThat(received(subscriber)).isEmpty();
        assertThat(hold.heldRevisions()).singleElement().satisfies(held -> {
            assertThat(held.newest().message().revision()).isEqualTo(new Revision(1));
            assertThat(held.since()).isEqualTo(clock.instant());
            assertThat(held.until()).isEqualTo(clock.instant().plus(LONGEST));
            assertThat(held.why()).isEqualTo("the replicas lack revision 1");
        });
        assertThat(meters.get("cvmfs_notify_held_repositories").gauge().value()).isEqualTo(1);
        sites.gate().serve(1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(hold.heldRevisions()).isEmpty();
        assertThat(ended("readable")).isEqualTo(1);
    }

    @Test
    void theGateAsksForEveryReplicaOfTheRepository() {
        announce(A, 1);

        Condition condition = sites.gate().condition;
        assertThat(condition.replicas())
                .extracting(Replica::location)
                .containsExactly("http://s1.example.org/cvmfs/" + A, "http://s2.example.org/cvmfs/" + A);
        assertThat(condition.needed()).isEqualTo(2);
        assertThat(condition.deadline()).isEqualTo(clock.instant().plus(LONGEST));
    }

    @Test
    void aNewSubscriberGetsTheLastReleasedRevisionWhileANewerOneIsHeld() {
        announce(A, 1);
        sites.gate().serve(1);
        announce(A, 2);

        TestSubscriber subscriber = subscribed(A);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        sites.gate().serve(2);
        assertThat(received(subscriber)).containsExactly(A + " 2");
    }

    @Test
    void aSubscriberThatDoesNotWaitIsToldAtOnceAndOnce() {
        TestSubscriber early = subscribedWithoutWaiting(A);

        announce(A, 1);
        assertThat(received(early)).containsExactly(A + " 1");
        TestSubscriber late = subscribedWithoutWaiting(A);
        assertThat(received(late)).containsExactly(A + " 1");
        sites.gate().serve(1);

        assertThat(received(early)).isEmpty();
        assertThat(received(late)).isEmpty();
    }

    @Test
    void aNewerRevisionTakesThePlaceOfTheHeldOneIfTheReplicasServeIt() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        announce(A, 2);
        announce(A, 3);
        assertThat(sites.gates).hasSize(1);

        sites.gate().serve(3);

        assertThat(received(subscriber)).containsExactly(A + " 3");
        assertThat(hold.heldRevisions()).isEmpty();
    }

    @Test
    void whatTheReplicasServeIsToldWhileANewerRevisionIsHeldOn() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        letPass(Duration.ofMinutes(4));
        announce(A, 2);
        announce(A, 3);

        sites.gate().serve(1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(hold.heldRevisions())
                .singleElement()
                .satisfies(held ->
                        assertThat(held.until()).isEqualTo(clock.instant().plus(LONGEST)));
        sites.gate().serve(3);
        assertThat(received(subscriber)).containsExactly(A + " 3");
    }

    @Test
    void afterTheLongestHoldTheNewestIsToldAnyway() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        letPass(LONGEST.minusSeconds(1));
        announce(A, 2);
        assertThat(received(subscriber)).isEmpty();

        letPass(Duration.ofSeconds(1));

        assertThat(received(subscriber)).containsExactly(A + " 2");
        assertThat(ended("overdue")).isEqualTo(1);
        assertThat(hold.heldRevisions()).isEmpty();
        assertThat(sites.gates).allMatch(gate -> gate.result.isDone());
    }

    @Test
    void aRollbackWaitsForExactlyItsRootCatalog() {
        announce(A, 7);
        sites.gate().serve(7);
        TestSubscriber subscriber = subscribed(A);
        received(subscriber);

        announce(A, 5);
        sites.gate().serve(5, 7);
        assertThat(received(subscriber))
                .as("one replica is not rolled back yet")
                .isEmpty();
        letPass(Duration.ofSeconds(2));
        sites.gate().serve(5, 5);

        assertThat(received(subscriber)).containsExactly(A + " 5");
    }

    @Test
    void aRollbackTakesThePlaceOfWhatNoReplicaWillEverServe() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 7);
        letPass(Duration.ofMinutes(1));

        announce(A, 5);

        assertThat(sites.gates).hasSize(2);
        assertThat(sites.gates.get(0).result).isCancelled();
        assertThat(sites.gate().condition.deadline())
                .isEqualTo(clock.instant().plus(LONGEST).minus(Duration.ofMinutes(1)));
        sites.gate().serve(5);
        assertThat(received(subscriber)).containsExactly(A + " 5");
    }

    @Test
    void whatFollowsARollbackTakesItsPlace() {
        announce(A, 7);
        sites.gate().serve(7);
        TestSubscriber subscriber = subscribed(A);
        received(subscriber);
        announce(A, 5);

        announce(A, 8);
        sites.gate().serve(8);

        assertThat(received(subscriber)).containsExactly(A + " 8");
    }

    @Test
    void whatIsForgottenWhileHeldIsNeverTold() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);

        hold.forgotten(new RepositoryName(A));
        thread.runPendingTasks();

        assertThat(sites.gate().result).isCancelled();
        assertThat(hold.heldRevisions()).isEmpty();
        letPass(LONGEST);
        assertThat(received(subscriber)).isEmpty();
        assertThat(ended("cancelled")).isEqualTo(1);
        announce(A, 2);
        sites.gate().serve(2);
        assertThat(received(subscriber)).containsExactly(A + " 2");
    }

    @Test
    void whatIsAnnouncedRightAfterItWasForgottenIsHeldAnew() {
        announce(A, 1);
        letPass(Duration.ofMinutes(4));
        hold.forgotten(new RepositoryName(A));

        announceUnnoticed(A, 2);
        thread.runPendingTasks();

        assertThat(sites.gates).hasSize(2);
        assertThat(sites.gate().condition.deadline()).isEqualTo(clock.instant().plus(LONGEST));
    }

    @Test
    void aReloadWithoutTheEntryTellsWhatIsHeld() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);

        reload();

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(sites.gate().result).isCancelled();
    }

    @Test
    void aReloadWithOtherReplicasAsksThoseAndKeepsTheTime() {
        announce(A, 1);
        Instant until = sites.gate().condition.deadline();
        letPass(Duration.ofMinutes(1));

        reload(new HoldConfig(
                new RepositoryPattern(A), List.of("http://s3.example.org/x"), List.of(), Requirement.ALL, LONGEST));

        assertThat(sites.gates).hasSize(2);
        assertThat(sites.gate().condition.replicas())
                .extracting(Replica::location)
                .containsExactly("http://s3.example.org/x");
        assertThat(sites.gate().condition.deadline()).isEqualTo(until);
    }

    @Test
    void aReloadThatChangesNothingKeepsTheGate() {
        announce(A, 1);

        reload(entry("*"));

        assertThat(sites.gates).hasSize(1);
        assertThat(sites.gate().result).isNotDone();
    }

    @Test
    void anExactNameCountsBeforeAnEarlierPattern() {
        reload(
                entry("*.example.org"),
                new HoldConfig(new RepositoryPattern(A), List.of("http://s9/r"), List.of(), Requirement.ALL, LONGEST));

        announce(A, 1);
        announce(B, 1);

        assertThat(sites.gates.get(0).condition.replicas()).hasSize(1);
        assertThat(sites.gates.get(1).condition.replicas()).hasSize(2);
    }

    @Test
    void afterARestartALastValueIsHeldForTheRestOfItsTime() {
        TestSubscriber subscriber = subscribed(A);
        Instant accepted = clock.instant().minus(Duration.ofMinutes(3));

        deliver(A, 1, accepted);

        assertThat(received(subscriber)).isEmpty();
        assertThat(hold.heldRevisions())
                .singleElement()
                .satisfies(held -> assertThat(held.until()).isEqualTo(accepted.plus(LONGEST)));
        letPass(Duration.ofMinutes(2));
        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void afterARestartAnOlderLastValueIsToldAtOnce() {
        TestSubscriber subscriber = subscribed(A);

        deliver(A, 1, clock.instant().minus(LONGEST));

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(sites.gates).isEmpty();
    }

    @Test
    void aSubscriberThatResumesBehindTheHeldRevisionIsNotToldAgain() {
        announce(A, 1);
        sites.gate().serve(1);
        announce(A, 2);
        TestSubscriber ahead = subscriber(TestSubscriber.plain(fanOut));
        ahead.subscribe(A, new ResumePoint.AfterPosition(position(offset)));
        TestSubscriber behind = subscriber(TestSubscriber.plain(fanOut));
        behind.subscribe(A, new ResumePoint.AfterPosition(position(offset - 1)));
        assertThat(received(ahead)).isEmpty();
        assertThat(received(behind)).isEmpty();

        sites.gate().serve(2);

        assertThat(received(ahead)).isEmpty();
        assertThat(received(behind)).containsExactly(A + " 2");
    }

    @Test
    void cachesAreRefreshedBeforeSubscribersAreTold() {
        reload(cached(Requirement.ALL));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serve(1);
        assertThat(sites.refreshes).containsOnlyKeys(SQUID_1, SQUID_2);

        sites.answer(SQUID_1, 1);
        assertThat(received(subscriber)).isEmpty();
        assertThat(why()).startsWith("1 of 2 caches serve revision 1, 2 needed: cache " + SQUID_2);
        sites.answer(SQUID_2, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aCacheThatFailsIsAskedAgainAndNamed() {
        reload(cached(Requirement.ALL));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serve(1);
        sites.answer(SQUID_1, 1);

        sites.fail(SQUID_2, "connection refused");
        assertThat(why()).endsWith("cache " + SQUID_2 + " (192.0.2.9): connection refused");
        letPass(Duration.ofSeconds(1));
        sites.answer(SQUID_2, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void oneOfTwoCachesIsEnoughIfAnyIsRequired() {
        reload(cached(Requirement.ANY));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serve(1);

        sites.answer(SQUID_2, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aCacheThatNeverAnswersCannotHoldForLongerThanAllowed() {
        reload(cached(Requirement.ALL));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serve(1);

        letPass(LONGEST);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(ended("overdue")).isEqualTo(1);
    }

    @Test
    void aGateThatCannotBeOpenedIsTriedAgain() {
        TestSubscriber subscriber = subscribed(A);
        sites.failure = new TransientFailureException("too many gates");
        announce(A, 1);
        assertThat(why()).isEqualTo("too many gates");

        sites.failure = null;
        letPass(Duration.ofSeconds(2));
        sites.gate().serve(1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aReplicaThatDiesWhileCachesAreRefreshedDoesNotHoldForLong() {
        reload(eitherReplica(SQUID_1));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serveOnlyAt("s1.example.org", 1);

        sites.fail(SQUID_1, "no route to s1.example.org");
        assertThat(sites.gates).as("the replicas are asked again").hasSize(2);
        assertThat(received(subscriber)).isEmpty();
        sites.gate().serveOnlyAt("s2.example.org", 1);
        assertThat(sites.refreshed.get(sites.refreshed.size() - 1)).hasToString("http://s2.example.org/cvmfs/" + A);
        sites.answer(SQUID_1, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        assertThat(ended("readable")).isEqualTo(1);
    }

    /** With two replicas and these caches, one of each is enough. */
    private static HoldConfig eitherReplica(HttpCache... caches) {
        return new HoldConfig(
                new RepositoryPattern("*"),
                List.of("http://s1.example.org/cvmfs/@fqrn@", "http://s2.example.org/cvmfs/@fqrn@"),
                List.of(caches),
                Requirement.ANY,
                LONGEST);
    }

    @Test
    void aDeadCacheDoesNotUndoWhatASlowOneDoes() {
        reload(eitherReplica(SQUID_1, SQUID_2));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serveOnlyAt("s1.example.org", 1);

        sites.fail(SQUID_2, "connection refused");
        sites.gate().serveOnlyAt("s2.example.org", 1);
        sites.fail(SQUID_2, "connection refused");
        sites.gate().serveOnlyAt("s1.example.org", 1);
        assertThat(sites.isAsked(SQUID_2)).as("asked again at once").isFalse();
        sites.answer(SQUID_1, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aCacheIsAskedForTheOtherReplicaTooIfTheFirstDies() {
        reload(eitherReplica(SQUID_1, SQUID_2));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serveOnlyAt("s1.example.org", 1);
        sites.fail(SQUID_2, "connection refused");
        sites.gate().serveOnlyAt("s2.example.org", 1);

        sites.answer(SQUID_1, 1);
        assertThat(received(subscriber)).isEmpty();
        sites.answer(SQUID_1, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aCacheThatFailsWhileTheReplicasAreWellIsAskedOn() {
        reload(cached(Requirement.ALL));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1);
        sites.gate().serve(1);
        sites.answer(SQUID_1, 1);
        sites.fail(SQUID_2, "connection refused");
        sites.gate().serve(1);

        letPass(Duration.ofSeconds(1));
        sites.answer(SQUID_2, 1);

        assertThat(received(subscriber)).containsExactly(A + " 1");
    }

    @Test
    void aRollbackWithinAMomentTakesThePlaceOfWhatItRolledBack() {
        TestSubscriber subscriber = subscribed(A);
        announceUnnoticed(A, 7);
        announceUnnoticed(A, 5);
        thread.runPendingTasks();

        sites.gate().serve(5, 7);
        assertThat(received(subscriber))
                .as("one replica is not rolled back yet")
                .isEmpty();
        letPass(Duration.ofSeconds(2));
        sites.gate().serve(5);

        assertThat(received(subscriber)).containsExactly(A + " 5");
        assertThat(hold.heldRevisions()).isEmpty();
    }

    @Test
    void aRollbackBehindAnOlderHeldRevisionWaitsForItsRootCatalog() {
        TestSubscriber subscriber = subscribed(A);
        announce(A, 3);
        announce(A, 7);
        announce(A, 5);

        sites.gate().serve(7);
        assertThat(received(subscriber)).containsExactly(A + " 3");
        sites.gate().serve(5);

        assertThat(received(subscriber)).containsExactly(A + " 5");
    }

    @Test
    void aDeadCacheDoesNotDelayTheOthers() {
        reload(cached(Requirement.ANY));
        int repositories = 100;
        List<TestSubscriber> all = new ArrayList<>();
        for (int i = 0; i < repositories; i++) {
            all.add(subscribed("r" + i + ".example.org"));
            announce("r" + i + ".example.org", 1);
            sites.gate().serve(1);
        }

        while (sites.isAsked(SQUID_2)) {
            sites.answer(SQUID_2, 1);
        }

        assertThat(all)
                .allSatisfy(subscriber -> assertThat(received(subscriber)).hasSize(1));
    }

    @Test
    void afterARestartNewSubscribersGetTheRevisionReleasedBefore(@TempDir Path state) {
        restart(state, TestConfigs.repositories());
        announce(A, 1);
        sites.gate().serve(1);
        announce(A, 2);
        Instant accepted = clock.instant();
        clock.move(Duration.ofSeconds(10));

        restart(state, TestConfigs.repositories());
        deliver(A, 2, accepted);
        TestSubscriber subscriber = subscribed(A);

        assertThat(received(subscriber)).containsExactly(A + " 1");
        sites.gate().serve(2);
        assertThat(received(subscriber)).containsExactly(A + " 2");
        restart(state, TestConfigs.repositories());
        deliver(A, 2, accepted);
        assertThat(received(subscribed(A)))
                .as("nothing is kept of what is over")
                .isEmpty();
    }

    @Test
    void aKeptRevisionThatCannotBeReadIsIgnored(@TempDir Path state) throws IOException {
        restart(state, TestConfigs.repositories());
        announce(A, 1);
        sites.gate().serve(1);
        announce(A, 2);
        Instant accepted = clock.instant();
        try (Stream<Path> kept = Files.list(state.resolve("released"))) {
            Files.writeString(kept.findFirst().orElseThrow(), "torn");
        }

        clock.move(Duration.ofSeconds(10));
        restart(state, TestConfigs.repositories());
        deliver(A, 2, accepted);

        assertThat(received(subscribed(A))).isEmpty();
        assertThat(hold.heldRevisions()).hasSize(1);
    }

    @Test
    void whatIsHeldTakesNoMoreMemoryThanLastValuesMay(@TempDir Path state) {
        long limit = 128 << 10;
        restart(state, new RepositoryLimits(1000, limit, 0, 0));
        TestSubscriber subscriber = subscribed(A);
        announce(A, 1, 60 << 10);
        sites.gate().serve(1);
        assertThat(received(subscriber)).containsExactly(A + " 1");

        announce(A, 2, 60 << 10);
        assertThat(received(subscriber)).as("last value and held one fit").isEmpty();
        announce(A, 3, 60 << 10);

        assertThat(meters.get("cvmfs_notify_last_value_bytes").gauge().value()).isLessThanOrEqualTo((double) limit);
        assertThat(received(subscriber)).as("told without holding").containsExactly(A + " 3");
        assertThat(hold.heldRevisions()).isEmpty();
        assertThat(ended("no_room")).isEqualTo(1);
    }

    private String why() {
        return hold.heldRevision(new RepositoryName(A)).orElseThrow().why();
    }

    private static HoldConfig entry(String name) {
        return new HoldConfig(
                new RepositoryPattern(name),
                List.of("http://s1.example.org/cvmfs/@fqrn@", "http://s2.example.org/cvmfs/@fqrn@"),
                List.of(),
                Requirement.ALL,
                LONGEST);
    }

    private static HoldConfig cached(Requirement require) {
        return new HoldConfig(
                new RepositoryPattern("*"),
                List.of("http://s1.example.org/cvmfs/@fqrn@"),
                List.of(SQUID_1, SQUID_2),
                require,
                LONGEST);
    }

    private static DeliveryConfig holding(HoldConfig... entries) {
        return new DeliveryConfig(Duration.ZERO, Duration.ZERO, List.of(entries), List.of());
    }

    private void reload(HoldConfig... entries) {
        hold.prepare(TestConfigs.with(TestConfigs.standalone(0), holding(entries)))
                .run();
        thread.runPendingTasks();
    }

    private void announce(String repository, long revision) {
        deliver(repository, revision, clock.instant());
    }

    private void announce(String repository, long revision, int bytes) {
        deliverUnnoticed(repository, revision, clock.instant(), "Z" + "z".repeat(bytes * 3 / 4));
        thread.runPendingTasks();
    }

    private void deliver(String repository, long revision, Instant accepted) {
        deliverUnnoticed(repository, revision, accepted, "Z");
        thread.runPendingTasks();
    }

    /** Before the thread has looked at anything. */
    private void announceUnnoticed(String repository, long revision) {
        deliverUnnoticed(repository, revision, clock.instant(), "Z");
    }

    /** @param line one more line of the manifest */
    private void deliverUnnoticed(String repository, long revision, Instant accepted, String line) {
        ActivityMessage message = ActivityMessage.announce(
                """
                C%s
                Rd41d8cd98f00b204e9800998ecf8427e
                D240
                S%d
                N%s
                %s
                --
                """.formatted(hash(revision), revision, repository, line).getBytes(UTF_8), accepted);
        offset++;
        hold.delivered(new Announcement(message, position(offset), accepted));
    }

    private static ContentHash hash(long revision) {
        return ContentHash.parse("%040x".formatted(revision));
    }

    private static LogPosition position(long offset) {
        return new LogPosition("epoch1", offset);
    }

    private TestSubscriber subscribed(String repository) {
        TestSubscriber subscriber = subscriber(TestSubscriber.plain(fanOut));
        subscriber.subscribe(repository, ResumePoint.FROM_LAST_VALUE);
        return subscriber;
    }

    private TestSubscriber subscribedWithoutWaiting(String repository) {
        TestSubscriber subscriber = subscriber(TestSubscriber.withoutWaiting(fanOut));
        subscriber.subscribe(repository, ResumePoint.FROM_LAST_VALUE);
        return subscriber;
    }

    private TestSubscriber subscriber(TestSubscriber made) {
        subscribers.add(made);
        return made;
    }

    private static List<String> received(TestSubscriber subscriber) {
        subscriber.turn();
        return subscriber.received();
    }

    private void letPass(Duration time) {
        clock.move(time);
        thread.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        thread.runPendingTasks();
    }

    private long ended(String end) {
        return meters.get("cvmfs_notify_hold").tag("end", end).timer().count();
    }

    private final class ScriptedSites implements Sites {

        private final List<Gate> gates = new ArrayList<>();
        private final Map<HttpCache, Deque<CompletableFuture<List<CacheRefresher.Result>>>> refreshes = new HashMap<>();
        private final List<RepositoryLocation> refreshed = new ArrayList<>();
        private RuntimeException failure;

        @Override
        public Wait start(Condition condition) {
            if (failure != null) {
                throw failure;
            }
            Gate gate = new Gate(condition);
            gates.add(gate);
            return gate;
        }

        /** The newest. */
        Gate gate() {
            return gates.get(gates.size() - 1);
        }

        @Override
        public CompletableFuture<List<CacheRefresher.Result>> refresh(
                RepositoryLocation repository, HttpCache cache, Revision expected) {
            CompletableFuture<List<CacheRefresher.Result>> answer = new CompletableFuture<>();
            refreshed.add(repository);
            refreshes.computeIfAbsent(cache, key -> new ArrayDeque<>()).add(answer);
            return answer;
        }

        boolean isAsked(HttpCache cache) {
            return !refreshes.getOrDefault(cache, new ArrayDeque<>()).isEmpty();
        }

        void answer(HttpCache cache, long revision) {
            complete(cache, new CacheRefresher.Result(cache, "192.0.2.9", new Revision(revision), null));
        }

        void fail(HttpCache cache, String problem) {
            complete(cache, new CacheRefresher.Result(cache, "192.0.2.9", null, problem));
        }

        private void complete(HttpCache cache, CacheRefresher.Result result) {
            refreshes.get(cache).remove().complete(List.of(result));
            thread.runPendingTasks();
        }

        @Override
        public void close() {}
    }

    private final class Gate implements Wait {

        private final Condition condition;
        private final CompletableFuture<GateReport> result = new CompletableFuture<>();

        Gate(Condition condition) {
            this.condition = condition;
        }

        /** Opens the gate: the replicas serve these revisions, or all the last of them. */
        void serve(long... revisions) {
            List<ReplicaReport> replicas = new ArrayList<>();
            for (Replica replica : condition.replicas()) {
                replicas.add(serving(replica, revisions[Math.min(replicas.size(), revisions.length - 1)]));
            }
            assertThat(Arrays.stream(revisions)
                            .anyMatch(revision -> condition
                                    .target()
                                    .isMetBy(new ManifestSummary(new Revision(revision), hash(revision), null))))
                    .as("the gate opens")
                    .isTrue();
            open(replicas);
        }

        /** Opens the gate by the only replica of this host; the others cannot be read. */
        void serveOnlyAt(String host, long revision) {
            open(condition.replicas().stream()
                    .map(replica -> replica.location().contains(host)
                            ? serving(replica, revision)
                            : new ReplicaReport(
                                    new ReplicaState(
                                            replica,
                                            null,
                                            RootCatalog.UNKNOWN,
                                            null,
                                            null,
                                            null,
                                            null,
                                            "connection refused",
                                            null),
                                    "cannot be read: connection refused",
                                    null,
                                    null))
                    .toList());
        }

        private void open(List<ReplicaReport> replicas) {
            result.complete(new GateReport(condition, GateOutcome.REACHED, Duration.ZERO, null, replicas, ""));
            thread.runPendingTasks();
        }

        private ReplicaReport serving(Replica replica, long revision) {
            Instant now = clock.instant();
            return new ReplicaReport(
                    new ReplicaState(
                            replica,
                            new ManifestSummary(new Revision(revision), hash(revision), null),
                            RootCatalog.PRESENT,
                            now,
                            now,
                            now,
                            null,
                            null,
                            null),
                    "serves revision " + revision,
                    null,
                    null);
        }

        @Override
        public CompletableFuture<GateReport> result() {
            return result.copy();
        }

        @Override
        public void cancel() {
            result.cancel(false);
        }

        @Override
        public GateReport report() {
            return new GateReport(
                    condition,
                    null,
                    Duration.ZERO,
                    null,
                    List.of(),
                    "the replicas lack revision "
                            + (condition.target()
                                            instanceof io.jenkins.plugins.cvmfs.notify.client.gate.Target.RootHash root
                                    ? root.revision()
                                    : ""));
        }

        @Override
        public GateSnapshot snapshot() {
            throw new CancellationException("not saved");
        }
    }
}
