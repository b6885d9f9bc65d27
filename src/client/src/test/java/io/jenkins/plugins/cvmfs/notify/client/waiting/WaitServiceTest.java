package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitServiceTest extends WaitFixture {

    @Test
    void aWaitEndsByReadingTheReplicasAlone() {
        // Given
        WaitService service = service(QUICK);
        replicas.serve(A, 6);
        replicas.serve(B, 7);
        Wait waiting = service.start(forRevision7("all", A, B), null, ProgressListener.NONE);
        await().until(() -> waiting.report().counted() == 1);

        // When
        replicas.serve(A, 8);

        // Then
        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(server.opened).isEmpty();
        assertThat(waiting.report().counted()).isEqualTo(2);
    }

    @Test
    void anAnnouncementLeadsToARead() {
        // Given a gate that would not look again for an hour
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        Wait waiting = start(service, A);
        await().until(() -> replicas.manifestReads() == 1);

        // When
        replicas.serve(A, 7);
        server.announce(7);

        // Then
        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aReconnectLeadsToARead() {
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        Wait waiting = start(service, A);
        await().until(() -> replicas.manifestReads() == 1);
        server.goDown();

        // When the revision comes while nobody could be told
        replicas.serve(A, 7);
        server.comeUp();

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aServerThatIsDownDoesNotStopTheWait() {
        server.goDown();
        WaitService service = service(QUICK);
        replicas.serve(A, 7);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());

        GateReport report = service.start(forRevision7("all", A), FakeServer.SETTINGS, lines::add)
                .result()
                .join();

        assertThat(report.outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aServerThatCannotEvenBeSubscribedToDoesNotStopTheWait() {
        server.refuse();
        WaitService service = service(QUICK);
        replicas.serve(A, 6);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Wait waiting = service.start(forRevision7("all", A), FakeServer.SETTINGS, lines::add);
        await().until(() -> lines.stream().anyMatch(line -> line.endsWith("no such protocol")));

        replicas.serve(A, 7);

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aManifestOfAnotherRepositoryDoesNotCount() {
        WaitService service = service(QUICK);
        replicas.serve(A, new RepositoryName("other.example.org"), 9);

        Wait waiting = start(service, A);

        await().until(() -> waiting.report().missing().contains("is of repository 'other.example.org'"));
        assertThat(waiting.result()).isNotDone();
    }

    @Test
    void aWaitGoesOnInAnotherServiceAfterARestart() {
        // Given a wait with one of two replicas there
        replicas.serve(A, 7);
        replicas.serve(B, 6);
        WaitService before = service(QUICK);
        Wait first = before.start(forRevision7("all", A, B), FakeServer.SETTINGS, ProgressListener.NONE);
        await().until(() -> first.snapshot().replicas().get(0).counts());
        String kept = first.snapshot().toJson();
        before.close();

        // When
        replicas.serve(B, 7);
        Wait second = service(QUICK).resume(GateSnapshot.fromJson(kept), FakeServer.SETTINGS, ProgressListener.NONE);

        // Then
        GateReport report = second.result().join();
        assertThat(report.outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(report.replicas().get(0).state().availableAt())
                .isEqualTo(first.snapshot().replicas().get(0).availableAt());
    }

    @Test
    void aDeadlineThatPassedMeanwhileAllowsALastLook() {
        replicas.serve(A, 7);
        Condition late = condition(Duration.ofHours(-1), "all", A);

        GateReport there = service(PATIENT)
                .start(late, FakeServer.SETTINGS, ProgressListener.NONE)
                .result()
                .join();
        replicas.serve(A, 6);
        GateReport notThere = service(PATIENT)
                .start(late, FakeServer.SETTINGS, ProgressListener.NONE)
                .result()
                .join();

        assertThat(there.outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(notThere.outcome()).isEqualTo(GateOutcome.TIMED_OUT);
    }

    @Test
    void aWaitTimesOut() {
        WaitService service = service(QUICK);

        GateReport report = service.start(condition(Duration.ofSeconds(1), "all", A), null, ProgressListener.NONE)
                .result()
                .join();

        assertThat(report.outcome()).isEqualTo(GateOutcome.TIMED_OUT);
        assertThat(report.missing()).contains("site-0 cannot be read: " + A + ": cannot connect: connection refused");
    }

    @Test
    void aWaitTimesOutAtItsDeadlineThoughAReplicaHangs() {
        WaitService service = service(QUICK);
        replicas.serve(A, 7);
        replicas.hold();

        Wait waiting = service.start(condition(Duration.ofSeconds(3), "all", A), null, ProgressListener.NONE);

        assertThat(waiting.result())
                .succeedsWithin(Duration.ofSeconds(10))
                .extracting(GateReport::outcome)
                .isEqualTo(GateOutcome.TIMED_OUT);
        assertThat(service.counts().readsUnderWay()).isEqualTo(1);
    }
}
