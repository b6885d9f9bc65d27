package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes.OfReplica;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The end of a wait that times out: how long it usually takes, if the server has told by then. */
class UsualTimesReportTest extends WaitFixture {

    /** As {@link #QUICK}, but the server is asked at once, because the deadline is near. */
    private static final PollSchedule ALMOST_OVER = new PollSchedule(
            QUICK.interval(),
            QUICK.disconnectedInterval(),
            QUICK.firstRetry(),
            QUICK.minInterval(),
            QUICK.spread(),
            QUICK.connectWait(),
            QUICK.finalCheck(),
            Duration.ofHours(2));

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private volatile Duration passed = Duration.ZERO;

    @Test
    void itNamesTheUsualTimeOfEachReplicaThatLags() {
        replicas.serve(A, 6);
        replicas.serve(B, 7);
        server.usual = CompletableFuture.completedFuture(new UsualTimes(List.of(
                new OfReplica(A, Duration.ofMinutes(14), Duration.ofMinutes(20)),
                new OfReplica(B, Duration.ofSeconds(3), Duration.ofSeconds(5)))));

        GateReport report = timedOut(A, B);

        String usual = "site-0 usually takes 14 min (95 % of the revisions: up to 20 min)";
        assertThat(report.missing()).endsWith(". " + usual);
        assertThat(lines.get(lines.size() - 1)).isEqualTo(usual);
        assertThat(report.missing()).doesNotContain("site-1 usually");
    }

    @Test
    void aReplicaIsFoundByItsHostIfTheServerReadsItElsewhere() {
        replicas.serve(A, 6);
        server.usual = CompletableFuture.completedFuture(new UsualTimes(List.of(
                new OfReplica("http://a.example.org/other/path", Duration.ofMinutes(14), Duration.ofMinutes(20)),
                new OfReplica("not a location:", Duration.ofMinutes(1), Duration.ofMinutes(1)))));

        assertThat(timedOut(A).missing()).contains("site-0 usually takes 14 min");
    }

    @Test
    void aHostWithSeveralReplicasIsAmbiguous() {
        replicas.serve(A, 6);
        server.usual = CompletableFuture.completedFuture(new UsualTimes(List.of(
                new OfReplica("http://a.example.org/one", Duration.ofMinutes(14), Duration.ofMinutes(20)),
                new OfReplica("http://a.example.org/two", Duration.ofMinutes(1), Duration.ofMinutes(1)))));

        assertThat(timedOut(A).missing()).doesNotContain("usually");
    }

    @Test
    void aServerThatDoesNotAnswerDelaysNothing() {
        replicas.serve(A, 6);
        CompletableFuture<UsualTimes> never = new CompletableFuture<>();
        server.usual = never;

        assertThat(timedOut(A).missing()).doesNotContain("usually");
        await().until(never::isCancelled);
    }

    @Test
    void aServerThatCannotTellChangesNothing() {
        replicas.serve(A, 6);
        server.usual = CompletableFuture.failedFuture(new TransientFailureException("connection refused"));

        assertThat(timedOut(A).missing()).doesNotContain("usually", "refused");
    }

    @Test
    void itIsAskedInTimeAlsoWhenNoReplicaIsReadThen() throws Exception {
        replicas.serve(A, 6);
        server.usual = CompletableFuture.completedFuture(
                new UsualTimes(List.of(new OfReplica(A, Duration.ofMinutes(14), Duration.ofMinutes(20)))));
        PollSchedule onlyOneRead = new PollSchedule(
                Duration.ofHours(1),
                Duration.ofHours(1),
                Duration.ofHours(1),
                Duration.ofHours(1),
                QUICK.spread(),
                QUICK.connectWait(),
                QUICK.finalCheck(),
                Duration.ofSeconds(1));
        WaitService service = new WaitService(
                replicas, server, WaitSettings.DEFAULT.withSchedule(onlyOneRead), Clock.systemUTC(), new Random(1));
        services.add(service);

        GateReport report = service.start(condition(Duration.ofSeconds(2), "all", A), FakeServer.SETTINGS, lines::add)
                .result()
                .get();

        assertThat(report.missing()).contains("site-0 usually takes 14 min");
    }

    /** Ends when the deadline passes, which it does once the replicas have been read. All of them but the first are there. */
    private GateReport timedOut(String... locations) {
        InstantSource clock = () -> Clock.systemUTC().instant().plus(passed);
        WaitService service = new WaitService(
                replicas,
                server,
                WaitSettings.DEFAULT.withSchedule(ALMOST_OVER),
                clock.withZone(ZoneOffset.UTC),
                new Random(1));
        services.add(service);
        Wait waiting = service.start(condition(Duration.ofHours(1), "all", locations), FakeServer.SETTINGS, lines::add);
        await().until(() -> waiting.report().counted() == locations.length - 1
                && waiting.snapshot().replicas().stream().allMatch(it -> it.readAt() != null));
        passed = Duration.ofHours(1);
        GateReport report = waiting.result().join();
        assertThat(report.outcome()).isEqualTo(GateOutcome.TIMED_OUT);
        return report;
    }
}
