package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.C;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateReportTest {

    @Test
    void theLogOfAWaitReadsLikeAStory() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, published(6, START.minusSeconds(600)));
        gate.fail(B);
        gate.pass(Duration.ofSeconds(20));
        gate.take(new GateEvent.Announced(published(7, START.plusSeconds(19))));
        gate.untilAsked(A);
        gate.serve(A, published(7, START.plusSeconds(19)));
        gate.disconnect();
        gate.untilAsked(B);
        gate.fail(B);
        gate.untilAsked(B);
        gate.serve(B, published(7, START.plusSeconds(19)), false);
        gate.untilAsked(B);
        gate.serve(B, published(7, START.plusSeconds(19)), true);

        assertThat(gate.lines.stream().map(GateReportTest::withoutTimes).toList())
                .containsExactly(
                        "waiting for revision 7 or newer of sw.example.org on 2 of 3 replicas until 2026-11-23T21:10:00Z",
                        "connected to the notification server",
                        "site-a serves revision 6",
                        "site-b cannot be read: connection refused",
                        "announced: revision 7",
                        "site-a has revision 7, seen # after its publication",
                        "no connection to the notification server, the replicas are read more often: connection refused",
                        "site-b serves revision 7, but its root catalog is not there",
                        "site-b has revision 7, seen # after its publication",
                        "reached after #: revision 7 or newer of sw.example.org on 2 of 3 replicas");
    }

    @Test
    void theDelayOfANewerRevisionIsCountedFromTheOneThatIsWaitedFor() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.take(new GateEvent.Announced(published(7, START.plusSeconds(19))));

        gate.untilAsked(B);
        gate.serve(B, published(7, START.plusSeconds(19)));
        gate.untilAsked(A);
        gate.serve(A, published(8, START.plusSeconds(25)));

        assertThat(gate.lines)
                .filteredOn(line -> line.startsWith("site-a"))
                .singleElement()
                .asString()
                .startsWith("site-a has revision 8, seen ")
                .endsWith(" after an earlier revision that counts was published");
    }

    private static String withoutTimes(String line) {
        return line.replaceAll("[0-9.]+ s\\b", "#");
    }

    @Test
    void aReplicaIsReportedWithTheAddressesThatLag() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.take(ScriptedGate.manifestRead(A, published(6), "at 192.0.2.7; 2 other addresses serve revision 7"));
        gate.untilAsked(A);
        gate.take(ScriptedGate.manifestRead(A, published(6), "at 192.0.2.8; 2 other addresses serve revision 7"));

        assertThat(gate.lines)
                .filteredOn(line -> line.startsWith("site-a"))
                .containsExactly(
                        "site-a serves revision 6 (at 192.0.2.7; 2 other addresses serve revision 7)",
                        "site-a serves revision 6 (at 192.0.2.8; 2 other addresses serve revision 7)");
        assertThat(gate.gate().report(START).missing())
                .contains("site-a serves revision 6 (at 192.0.2.8; 2 other addresses serve revision 7)");
    }

    @Test
    void aMountWithoutThePathIsReportedWithIt() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.take(ScriptedGate.manifestRead(A, published(7), null));
        gate.take(new GateEvent.Answered(
                A,
                new GateAction.CheckRootCatalog(published(7).rootHash()),
                new GateEvent.RootCatalogChecked(false, "/cvmfs/sw.example.org/1.2.3 does not exist there")));
        gate.take(ScriptedGate.snapshotTimeRead(A, START));

        assertThat(gate.lines)
                .endsWith("site-a serves revision 7, but /cvmfs/sw.example.org/1.2.3 does not exist there");
    }

    @Test
    void aMountThatHidesTheRootHashIsReportedSo() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.take(ScriptedGate.manifestRead(A, new ManifestSummary(new Revision(6), null, null), null));

        assertThat(gate.lines).endsWith("site-a serves revision 6 (its client does not show the root hash)");
    }

    @Test
    void aReplicaThatFailsTheSameWayAgainIsNotReportedAgain() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        for (int i = 0; i < 5; i++) {
            gate.untilAsked(A);
            gate.fail(A);
        }
        gate.untilAsked(A);
        gate.serve(A, 6);

        assertThat(gate.lines)
                .filteredOn(line -> line.startsWith("site-a"))
                .containsExactly("site-a cannot be read: connection refused", "site-a serves revision 6");
    }

    @Test
    void latenciesCountFromThePublicationAndFromTheAnnouncement() {
        // Given
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.serve(A, 6);
        gate.serve(B, 6);
        gate.pass(Duration.ofSeconds(10));
        gate.take(new GateEvent.Announced(published(7, START.plusSeconds(5))));

        // When
        gate.pass(Duration.ofSeconds(20));
        gate.serve(A, published(7, START.plusSeconds(5)));

        // Then
        GateReport report = gate.gate().report(gate.now());
        assertThat(report.replicas().get(0).sincePublication()).isEqualTo(Duration.ofSeconds(25));
        assertThat(report.replicas().get(0).sinceAnnouncement()).isEqualTo(Duration.ofSeconds(20));
        assertThat(report.replicas().get(1).sincePublication()).isNull();
        assertThat(report.replicas().get(1).sinceAnnouncement()).isNull();
        assertThat(report.waited()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aPublisherWhoseClockIsAheadGivesNoNegativeLatency() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();

        gate.serve(A, published(7, START.plusSeconds(100)));

        assertThat(gate.gate().report(gate.now()).replicas().get(0).sincePublication())
                .isZero();
    }

    @Test
    void whatCanBeReadIsTheLowestRevisionAmongTheReplicasThatHaveIt() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 6);
        assertThat(gate.gate().report(gate.now()).readable()).isEmpty();

        gate.serve(B, 9);
        gate.serve(C, 8);

        assertThat(gate.gate().report(gate.now()).readable()).contains(published(8));
    }

    @Test
    void theSentenceSaysWhatIsMissing() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.announce(7);
        gate.serve(A, 7);
        gate.serve(B, 6);

        assertThat(gate.gate().report(gate.now()).missing())
                .isEqualTo("1 of 3 replicas have revision 7 or newer, 3 needed: site-b serves revision 6,"
                        + " last snapshot 34 min ago; site-c has not been read yet. Revision 7 was announced");
    }

    @Test
    void theSentenceSaysSoIfNothingIsMissing() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(C, 9);

        assertThat(gate.gate().report(gate.now()).missing())
                .isEqualTo("nothing is missing: 1 of 3 replicas have revision 7 or newer");
    }

    @Test
    void theSentenceStaysShortWithManyReplicas() {
        List<Replica> many = IntStream.range(0, 12)
                .mapToObj(i -> new Replica("r" + i, "/srv/" + i))
                .toList();
        Condition condition = new Condition(
                new RepositoryName("sw.example.org"),
                revision(7),
                many,
                Requirement.ALL,
                StalePolicy.WAIT,
                START.plusSeconds(60),
                null);
        ScriptedGate gate = ScriptedGate.open(condition);

        assertThat(gate.gate().report(gate.now()).missing())
                .startsWith("0 of 12 replicas have")
                .contains("r4 has not been read yet; and 7 more")
                .doesNotContain("r5");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0.0 s",
        "PT0.49S, 0.4 s",
        "PT9.999S, 9.9 s",
        "PT10S, 10 s",
        "PT1M59S, 119 s",
        "PT2M, 2 min",
        "PT1H59M, 119 min",
        "PT5H3M, 5 h 3 min"
    })
    void spansOfTimeAreSaidAsPeopleSayThem(Duration span, String text) {
        assertThat(GateReport.text(span)).isEqualTo(text);
    }
}
