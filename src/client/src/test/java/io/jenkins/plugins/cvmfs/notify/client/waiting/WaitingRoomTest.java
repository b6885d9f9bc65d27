package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static io.jenkins.plugins.cvmfs.notify.client.waiting.FakeReplicas.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Outcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.Pacing;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {

    /** So slow that within a test nothing is read again unless something happens. */
    private static final Pacing PATIENT = new Pacing(
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofNanos(1),
            Duration.ofNanos(1),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofMillis(1));

    private static final Pacing QUICK = new Pacing(
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(5),
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            Duration.ofSeconds(30),
            Duration.ofMillis(1));

    private static final String A = "http://a.example.org/cvmfs/sw.example.org";
    private static final String B = "http://b.example.org/cvmfs/sw.example.org";

    private final FakeReplicas replicas = new FakeReplicas();
    private final FakeServer server = new FakeServer();
    private final List<WaitingRoom> rooms = new ArrayList<>();

    @AfterEach
    void closeEverything() {
        rooms.forEach(WaitingRoom::close);
        server.close();
    }

    @Test
    void aWaitEndsByReadingTheReplicasAlone() {
        // Given
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 6);
        replicas.serve(B, 7);
        Waiting waiting = room.enter(forRevision7("all", A, B), null, ProgressListener.NONE);
        await().until(() -> waiting.report().counted() == 1);

        // When
        replicas.serve(A, 8);

        // Then
        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
        assertThat(server.opened).isEmpty();
        assertThat(waiting.report().counted()).isEqualTo(2);
    }

    @Test
    void anAnnouncementLeadsToARead() {
        // Given a gate that would not look again for an hour
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        Waiting waiting = enter(room, A);
        await().until(() -> replicas.manifestReads() == 1);

        // When
        replicas.serve(A, 7);
        server.announce(7);

        // Then
        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void aReconnectLeadsToARead() {
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        Waiting waiting = enter(room, A);
        await().until(() -> replicas.manifestReads() == 1);
        server.goDown();

        // When the revision comes while nobody could be told
        replicas.serve(A, 7);
        server.comeUp();

        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void aServerThatIsDownDoesNotStopTheWait() {
        server.goDown();
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 7);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());

        GateReport report = room.enter(forRevision7("all", A), FakeServer.SETTINGS, lines::add)
                .result()
                .join();

        assertThat(report.outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void aServerThatCannotEvenBeSubscribedToDoesNotStopTheWait() {
        server.refuse();
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 6);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Waiting waiting = room.enter(forRevision7("all", A), FakeServer.SETTINGS, lines::add);
        await().until(() -> lines.stream().anyMatch(line -> line.endsWith("no such protocol")));

        replicas.serve(A, 7);

        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void allGatesWithOneServerShareOneConnection() {
        // Given
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        List<Waiting> waiting =
                IntStream.range(0, 20).mapToObj(i -> enter(room, A)).toList();
        SubscriberSettings other = SubscriberSettings.of(NotificationServer.parse("http://other.example.org/api/v1"));
        room.enter(forRevision7("all", A), other, ProgressListener.NONE);
        await().until(() -> room.counts().servers() == 2);

        // When
        replicas.serve(A, 7);
        server.announce(7);

        // Then all hear of it
        waiting.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(Outcome.REACHED));
        assertThat(server.opened).hasSize(2);
    }

    @Test
    void aConnectionThatNobodyNeedsIsClosedAfterAWhile() {
        WaitingRoom room = room(QUICK, Duration.ofMillis(1));
        replicas.serve(A, 7);

        enter(room, A).result().join();

        await().until(() -> server.opened.get(0).closed);
        assertThat(server.opened.get(0).subscribed).isEmpty();
        assertThat(room.counts().servers()).isZero();
    }

    @Test
    void theNextGateUsesTheConnectionThatLingers() {
        WaitingRoom room = room(QUICK, Duration.ofHours(1));
        replicas.serve(A, 7);
        enter(room, A).result().join();

        enter(room, A).result().join();

        assertThat(server.opened).hasSize(1);
        assertThat(server.opened.get(0).closed).isFalse();
    }

    @Test
    void aSecondGateIsConnectedAtOnceIfTheSubscriptionStands() {
        // Given
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        enter(room, A);
        await().until(() -> replicas.manifestReads() == 1);

        // When the second one would wait for an hour for the connection
        replicas.serve(A, 7);
        Waiting second = enter(room, A);

        // Then
        assertThat(second.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void manyGatesThatAskTheSameShareTheReads() {
        // Given
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 7);
        replicas.hold();
        Waiting first = enter(room, A);
        await().until(() -> replicas.heldBack() == 1);

        // When
        List<Waiting> others =
                IntStream.range(0, 100).mapToObj(i -> enter(room, A)).toList();
        await().until(() -> room.counts().sharedReads() == 99);
        replicas.release();

        // Then those that came while a read was under way share the next
        others.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(Outcome.REACHED));
        assertThat(first.result().join().outcome()).isEqualTo(Outcome.REACHED);
        assertThat(replicas.manifestReads()).isEqualTo(2);
    }

    @Test
    void whoAsksWhileAReadIsUnderWayGetsALaterAnswer() {
        // Given a read that was sent before the revision came
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        replicas.hold();
        Waiting early = enter(room, A);
        await().until(() -> replicas.heldBack() == 1);

        // When
        replicas.serve(A, 7);
        Waiting late = enter(room, A);
        await().until(() -> room.counts().readsQueued() == 1);
        replicas.release();

        // Then
        assertThat(late.result().join().outcome()).isEqualTo(Outcome.REACHED);
        assertThat(early.result()).isNotDone();
    }

    @Test
    void theManifestReadBeforeIsHandedBackSoThatOnlyHeadersTravel() {
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 6);
        enter(room, A);

        await().until(() -> replicas.manifestReads() > 5);

        assertThat(replicas.conditionalReads()).isGreaterThanOrEqualTo(replicas.manifestReads() - 2);
    }

    @Test
    void fewQuestionsAreUnderWayAtATime() {
        // Given 50 hosts with 20 repositories each
        WaitingRoom room = room(PATIENT);
        replicas.hold();
        List<Waiting> waiting = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String location = "http://host%d/cvmfs/r%d".formatted(i % 50, i);
            replicas.serve(location, 7);
            waiting.add(room.enter(forRevision7("all", location), null, ProgressListener.NONE));
        }

        // When
        await().until(() -> room.counts().readsQueued() == 1000 - 32);
        assertThat(room.counts().readsUnderWay()).isEqualTo(32);
        replicas.release();

        // Then
        waiting.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(Outcome.REACHED));
        assertThat(replicas.most()).isEqualTo(32);
        assertThat(room.counts().reads()).isEqualTo(2000);
    }

    @Test
    void oneHostIsAskedLittleAtATime() {
        WaitingRoom room = room(PATIENT);
        replicas.hold();
        for (int i = 0; i < 40; i++) {
            room.enter(forRevision7("all", "http://host/cvmfs/r" + i), null, ProgressListener.NONE);
        }
        String elsewhere = "http://elsewhere/cvmfs/r";
        room.enter(forRevision7("all", elsewhere), null, ProgressListener.NONE);

        await().until(() -> room.counts().readsUnderWay() == 5);

        assertThat(replicas.mostAtOneHost()).isEqualTo(4);
        assertThat(room.counts().readsQueued()).isEqualTo(36);
    }

    @Test
    void whatNobodyWantsToKnowAnyMoreIsNotAsked() {
        // Given a busy host and a further question
        WaitingRoom room = room(PATIENT);
        replicas.hold();
        List<Waiting> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(room.enter(forRevision7("all", "http://host/cvmfs/r" + i), null, ProgressListener.NONE));
        }
        await().until(() -> room.counts().readsQueued() == 6);

        // When
        waiting.forEach(Waiting::cancel);
        await().until(() -> room.counts().gates() == 0);
        replicas.release();

        // Then
        await().until(() -> room.counts().readsUnderWay() == 0 && room.counts().readsQueued() == 0);
        assertThat(replicas.manifestReads()).isEqualTo(4);
    }

    @Test
    void cancellingEndsTheWaitAndLeavesNothingBehind() {
        WaitingRoom room = room(PATIENT);
        replicas.serve(A, 6);
        Waiting waiting = enter(room, A);
        await().until(() -> replicas.manifestReads() == 1);

        waiting.cancel();
        waiting.cancel();

        assertThatThrownBy(() -> waiting.result().get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(room.counts().gates()).isZero();
        assertThat(server.opened.get(0).subscribed).isEmpty();
    }

    @Test
    void theResultOfOneCallerIsNotTheResultOfAnother() {
        WaitingRoom room = room(QUICK);
        Waiting waiting = enter(room, A);

        waiting.result().cancel(true);
        waiting.result().complete(null);
        replicas.serve(A, 7);

        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void closingTheRoomCompletesEverything() {
        // Given
        WaitingRoom room = room(PATIENT);
        replicas.hold();
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 50)
                .mapToObj(i -> enter(room, "http://a.example.org/cvmfs/r" + i).result())
                .toList();
        await().until(() -> replicas.heldBack() == 4);

        // When
        room.close();
        room.close();

        // Then
        assertThat(results).allMatch(CompletableFuture::isCancelled);
        assertThat(server.opened).hasSize(1).allMatch(subscriber -> subscriber.closed);
        assertThat(replicas.cancelled()).isEqualTo(4);
        assertThatThrownBy(() -> enter(room, A)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingTheRoomCompletesEverythingEvenIfAListenerBlocks() {
        // Given
        WaitingRoom room = room(PATIENT);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(4);
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 10)
                .mapToObj(i -> room.enter(forRevision7("all", A), null, line -> {
                            blocked.countDown();
                            awaitQuietly(never);
                        })
                        .result())
                .toList();
        await().until(() -> blocked.getCount() == 0);
        Thread.currentThread().interrupt();

        // When an interrupt cuts the patience short
        room.close();

        // Then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(results).allMatch(CompletableFuture::isDone);
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 7);

        Waiting waiting = room.enter(forRevision7("all", A), null, line -> {
            throw new IllegalStateException("a listener's mistake");
        });

        assertThat(waiting.result().join().outcome()).isEqualTo(Outcome.REACHED);
    }

    @Test
    void theLinesComeInOrderAndBeforeTheResult() {
        WaitingRoom room = room(QUICK);
        replicas.serve(A, 7);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());

        room.enter(forRevision7("all", A), null, lines::add).result().join();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("waiting for revision 7 or newer of sw.example.org on site-0 until");
        assertThat(lines.get(1)).startsWith("site-0 has revision 7, seen");
        assertThat(lines.get(2)).startsWith("reached after");
    }

    @Test
    void aManifestOfAnotherRepositoryDoesNotCount() {
        WaitingRoom room = room(QUICK);
        replicas.serve(A, new RepositoryName("other.example.org"), 9);

        Waiting waiting = enter(room, A);

        await().until(() -> waiting.report().missing().contains("is of repository 'other.example.org'"));
        assertThat(waiting.result()).isNotDone();
    }

    @Test
    void aWaitGoesOnInAnotherRoomAfterARestart() {
        // Given a wait with one of two replicas there
        replicas.serve(A, 7);
        replicas.serve(B, 6);
        WaitingRoom before = room(QUICK);
        Waiting first = before.enter(forRevision7("all", A, B), FakeServer.SETTINGS, ProgressListener.NONE);
        await().until(() -> first.snapshot().replicas().get(0).counts());
        String kept = first.snapshot().toJson();
        before.close();

        // When
        replicas.serve(B, 7);
        Waiting second = room(QUICK).enter(GateSnapshot.fromJson(kept), FakeServer.SETTINGS, ProgressListener.NONE);

        // Then
        GateReport report = second.result().join();
        assertThat(report.outcome()).isEqualTo(Outcome.REACHED);
        assertThat(report.replicas().get(0).state().availableAt())
                .isEqualTo(first.snapshot().replicas().get(0).availableAt());
    }

    @Test
    void aDeadlineThatPassedMeanwhileAllowsALastLook() {
        replicas.serve(A, 7);
        Condition late = condition(Duration.ofHours(-1), "all", A);

        GateReport there = room(PATIENT)
                .enter(late, FakeServer.SETTINGS, ProgressListener.NONE)
                .result()
                .join();
        replicas.serve(A, 6);
        GateReport notThere = room(PATIENT)
                .enter(late, FakeServer.SETTINGS, ProgressListener.NONE)
                .result()
                .join();

        assertThat(there.outcome()).isEqualTo(Outcome.REACHED);
        assertThat(notThere.outcome()).isEqualTo(Outcome.TIMED_OUT);
    }

    @Test
    void aWaitTimesOut() {
        WaitingRoom room = room(QUICK);

        GateReport report = room.enter(condition(Duration.ofMillis(50), "all", A), null, ProgressListener.NONE)
                .result()
                .join();

        assertThat(report.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(report.missing()).contains("site-0 cannot be read: " + A + ": cannot connect: connection refused");
    }

    @Test
    void aPlaceThatIsNoneIsRefusedAtOnce() {
        WaitingRoom room = room(PATIENT);

        assertThatThrownBy(() -> enter(room, "ftp://a.example.org/x")).isInstanceOf(InvalidInputException.class);
        assertThat(room.counts().gates()).isZero();
    }

    @Test
    void noMoreGatesWaitThanAllowed() {
        WaitingSettings two = new WaitingSettings(PATIENT, 2, 4, 32, Duration.ZERO);
        WaitingRoom room = WaitingRoom.open(replicas, server, two, Clock.systemUTC(), new Random(1));
        rooms.add(room);
        enter(room, A);
        enter(room, A);

        assertThatThrownBy(() -> enter(room, A))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("2 gates are waiting, no more are allowed");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new WaitingSettings(PATIENT, 1, 0, 1, Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("waiting: readsPerHost is 0, allowed are 1 and more");
        assertThatThrownBy(() -> new WaitingSettings(PATIENT, 1, 1, 1, Duration.ofSeconds(-1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("linger");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Waiting enter(WaitingRoom room, String... locations) {
        return room.enter(forRevision7("all", locations), FakeServer.SETTINGS, ProgressListener.NONE);
    }

    private WaitingRoom room(Pacing pacing) {
        return room(pacing, Duration.ofSeconds(30));
    }

    private WaitingRoom room(Pacing pacing, Duration linger) {
        WaitingSettings settings = new WaitingSettings(pacing, 100_000, 4, 32, linger);
        WaitingRoom room = WaitingRoom.open(replicas, server, settings, Clock.systemUTC(), new Random(1));
        rooms.add(room);
        return room;
    }

    private static Condition forRevision7(String require, String... locations) {
        return condition(Duration.ofHours(10), require, locations);
    }

    private static Condition condition(Duration timeout, String require, String... locations) {
        List<Replica> named = IntStream.range(0, locations.length)
                .mapToObj(i -> new Replica("site-" + i, locations[i]))
                .toList();
        return new Condition(
                REPOSITORY,
                new Target.AtLeast(new Revision(7)),
                named,
                new Requirement(require),
                StalePolicy.WAIT,
                Clock.systemUTC().instant().plus(timeout),
                null);
    }
}
