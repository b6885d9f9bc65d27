package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static io.jenkins.plugins.cvmfs.notify.client.waiting.FakeReplicas.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What many gates have in common, and how little they ask for. */
class SharingTest extends WaitFixture {

    @Test
    void allGatesWithOneServerShareOneConnection() {
        // Given
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        List<Wait> waiting =
                IntStream.range(0, 20).mapToObj(i -> start(service, A)).toList();
        SubscriberSettings other = SubscriberSettings.of(NotificationServer.parse("http://other.example.org/api/v1"));
        service.start(forRevision7("all", A), other, ProgressListener.NONE);
        await().until(() -> service.counts().servers() == 2);

        // When
        replicas.serve(A, 7);
        server.announce(7);

        // Then all hear of it
        waiting.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(GateOutcome.REACHED));
        assertThat(server.opened).hasSize(2);
    }

    @Test
    void aListenerHearsEveryAnnouncementOnTheConnectionOfTheGates() {
        // Given
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        start(service, A);
        List<Long> heard = new CopyOnWriteArrayList<>();
        WaitService.Listening listening = service.listen(
                REPOSITORY,
                FakeServer.SETTINGS,
                message -> heard.add(message.revision().bits()));
        await().until(() -> service.counts().servers() == 1 && replicas.manifestReads() == 1);

        // When
        server.announce(3);
        server.announce(4);
        await().until(() -> heard.size() == 2);
        listening.close();
        listening.close();

        // Then
        assertThat(heard).containsExactly(3L, 4L);
        assertThat(server.opened).hasSize(1);
        assertThat(server.opened.get(0).subscribed).isNotEmpty();
    }

    @Test
    void whoJoinsASubscriptionHearsTheLastAnnouncementAsOnItsOwnConnection() {
        // Given
        WaitService service = service(PATIENT);
        List<Long> first = new CopyOnWriteArrayList<>();
        List<Long> second = new CopyOnWriteArrayList<>();
        service.listen(
                REPOSITORY,
                FakeServer.SETTINGS,
                message -> first.add(message.revision().bits()));
        await().until(() ->
                server.opened.size() == 1 && !server.opened.get(0).subscribed.isEmpty());
        server.announce(3);
        server.announce(4);
        await().until(() -> first.size() == 2);

        // When
        service.listen(
                REPOSITORY,
                FakeServer.SETTINGS,
                message -> second.add(message.revision().bits()));

        // Then
        await().until(() -> second.equals(List.of(4L)));
        assertThat(first).containsExactly(3L, 4L);
        assertThat(server.opened).hasSize(1);
    }

    @Test
    void aListenerAloneKeepsTheConnectionUntilItIsClosed() {
        // Given
        WaitService service = service(QUICK, Duration.ofMillis(1));
        WaitService.Listening listening = service.listen(REPOSITORY, FakeServer.SETTINGS, message -> {});
        await().until(() ->
                server.opened.size() == 1 && !server.opened.get(0).subscribed.isEmpty());

        // When
        listening.close();

        // Then
        await().until(() -> server.opened.get(0).closed);
        assertThat(service.counts().servers()).isZero();
    }

    @Test
    void equalTokensShareAConnectionAndOthersDoNot() {
        // Given
        WaitService service = service(QUICK);
        replicas.serve(A, 7);

        // When
        for (String token : List.of("blue", "blue", "green")) {
            SubscriberSettings settings = FakeServer.SETTINGS.withToken(TokenSource.of(token));
            service.start(forRevision7("all", A), settings, ProgressListener.NONE)
                    .result()
                    .join();
        }

        // Then
        assertThat(server.opened).hasSize(2);
        assertThat(TokenSource.of("blue").toString()).doesNotContain("blue");
    }

    @Test
    void aConnectionThatNobodyNeedsIsClosedAfterAWhile() {
        WaitService service = service(QUICK, Duration.ofMillis(1));
        replicas.serve(A, 7);

        start(service, A).result().join();

        await().until(() -> server.opened.get(0).closed);
        assertThat(server.opened.get(0).subscribed).isEmpty();
        assertThat(service.counts().servers()).isZero();
    }

    @Test
    void theNextGateUsesTheConnectionThatLingers() {
        WaitService service = service(QUICK, Duration.ofHours(1));
        replicas.serve(A, 7);
        start(service, A).result().join();

        start(service, A).result().join();

        assertThat(server.opened).hasSize(1);
        assertThat(server.opened.get(0).closed).isFalse();
    }

    @Test
    void aSecondGateIsConnectedAtOnceIfTheSubscriptionStands() {
        // Given
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        start(service, A);
        await().until(() -> replicas.manifestReads() == 1);

        // When the second one would wait for an hour for the connection
        replicas.serve(A, 7);
        Wait second = start(service, A);

        // Then
        assertThat(second.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void manyGatesThatAskTheSameShareTheReads() {
        // Given
        WaitService service = service(PATIENT);
        replicas.serve(A, 7);
        replicas.hold();
        Wait first = start(service, A);
        await().until(() -> replicas.heldBack() == 1);

        // When
        List<Wait> others =
                IntStream.range(0, 100).mapToObj(i -> start(service, A)).toList();
        await().until(() -> service.counts().sharedReads() == 99);
        replicas.release();

        // Then those that came while a read was under way share the next
        others.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(GateOutcome.REACHED));
        assertThat(first.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(replicas.manifestReads()).isEqualTo(2);
    }

    @Test
    void gatesThatWaitForTheSameReplicaPollItAsOneWould() {
        // Given 100 gates that each read two replicas now and then
        Duration pause = Duration.ofMillis(200);
        Duration least = Duration.ofMillis(1);
        WaitService service =
                service(new PollSchedule(pause, pause, pause, least, least, pause, Duration.ofSeconds(30), least));
        replicas.serve(A, 6);
        replicas.serve(B, 6);
        IntStream.range(0, 100).forEach(i -> start(service, A, B));
        await().until(() -> service.counts().gates() == 100 && replicas.manifestReads() > 10);
        long reads = service.counts().reads();
        long shared = service.counts().sharedReads();

        // When they poll for a while
        await().until(() -> service.counts().reads() > reads + 20);

        // Then one read served most of them
        long readsSince = service.counts().reads() - reads;
        long sharedSince = service.counts().sharedReads() - shared;
        assertThat(sharedSince).isGreaterThan(50 * readsSince);
    }

    @Test
    void whoAsksWhileAReadIsUnderWayGetsALaterAnswer() {
        // Given a read that was sent before the revision came
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        replicas.hold();
        Wait early = start(service, A);
        await().until(() -> replicas.heldBack() == 1);

        // When
        replicas.serve(A, 7);
        Wait late = start(service, A);
        await().until(() -> service.counts().readsQueued() == 1);
        replicas.release();

        // Then
        assertThat(late.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(early.result()).isNotDone();
    }

    @Test
    void theManifestReadBeforeIsHandedBackSoThatOnlyHeadersTravel() {
        WaitService service = service(QUICK);
        replicas.serve(A, 6);
        start(service, A);

        await().until(() -> replicas.manifestReads() > 5);

        // Counted first: the reads go on.
        int reads = replicas.manifestReads();
        assertThat(replicas.conditionalReads()).isGreaterThanOrEqualTo(reads - 2);
    }

    @Test
    void fewQuestionsAreUnderWayAtATime() {
        // Given 50 hosts with 20 repositories each
        WaitService service = service(PATIENT);
        replicas.hold();
        List<Wait> waiting = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String location = "http://host%d/cvmfs/r%d".formatted(i % 50, i);
            replicas.serve(location, 7);
            waiting.add(service.start(forRevision7("all", location), null, ProgressListener.NONE));
        }

        // When
        await().until(() -> service.counts().readsQueued() == 1000 - 32);
        assertThat(service.counts().readsUnderWay()).isEqualTo(32);
        replicas.release();

        // Then
        waiting.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(GateOutcome.REACHED));
        assertThat(replicas.most()).isEqualTo(32);
        assertThat(service.counts().reads()).isEqualTo(2000);
    }

    @Test
    void oneHostIsAskedLittleAtATime() {
        WaitService service = service(PATIENT);
        replicas.hold();
        for (int i = 0; i < 40; i++) {
            service.start(forRevision7("all", "http://host/cvmfs/r" + i), null, ProgressListener.NONE);
        }
        String elsewhere = "http://elsewhere/cvmfs/r";
        service.start(forRevision7("all", elsewhere), null, ProgressListener.NONE);

        await().until(() -> service.counts().readsUnderWay() == 5);

        assertThat(replicas.mostAtOneHost()).isEqualTo(4);
        assertThat(service.counts().readsQueued()).isEqualTo(36);
    }

    @Test
    void whatNobodyWantsToKnowAnyMoreIsNotAsked() {
        // Given a busy host and a further question
        WaitService service = service(PATIENT);
        replicas.hold();
        List<Wait> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(service.start(forRevision7("all", "http://host/cvmfs/r" + i), null, ProgressListener.NONE));
        }
        await().until(() -> service.counts().readsQueued() == 6);

        // When
        waiting.forEach(Wait::cancel);
        await().until(() -> service.counts().gates() == 0);
        replicas.release();

        // Then
        await().until(() ->
                service.counts().readsUnderWay() == 0 && service.counts().readsQueued() == 0);
        assertThat(replicas.manifestReads()).isEqualTo(4);
    }
}
