package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.C;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.rootHash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateSnapshotTest {

    static Stream<GateSnapshot> snapshots() {
        ScriptedGate busy = ScriptedGate.open(
                condition(new Target.RootHash(rootHash(7), null), "2", StalePolicy.SKIP, START.minusSeconds(3)));
        busy.connect();
        busy.announce(7);
        busy.serve(A, 7);
        busy.serve(B, published(5), true);
        busy.fail(C);
        return Stream.of(
                busy.gate().snapshot(),
                GateSnapshot.start(condition(new Target.NewerThan(new Revision(-1)), "majority"), START),
                GateSnapshot.start(condition(revision(7), "all"), START.plusNanos(1)));
    }

    @ParameterizedTest
    @MethodSource("snapshots")
    void theTextHoldsEverything(GateSnapshot snapshot) {
        String text = snapshot.toJson();

        assertThat(GateSnapshot.fromJson(text)).isEqualTo(snapshot);
        assertThat(text).doesNotContain("\n");
    }

    @Test
    void theTextOfThisVersionCanBeReadForEver() {
        String text = """
                {"format":1,"later":"ignored","repository":"sw.example.org","target":{"atLeast":"18446744073709551615"},
                 "require":"all","onStale":"fail","deadline":"2026-11-23T21:10:00Z","startedAt":"2026-11-23T21:00:00Z",
                 "heard":{"revision":"7","rootHash":"d41d8cd98f00b204e9800998ecf8427e00000000-rmd160","at":"2026-11-23T21:01:00Z"},
                 "replicas":[{"name":"site-a","location":"http://a","rootCatalog":"ABSENT","error":"refused"}]}
                """;

        GateSnapshot snapshot = GateSnapshot.fromJson(text);

        assertThat(snapshot.condition().target()).isEqualTo(new Target.AtLeast(new Revision(-1)));
        assertThat(snapshot.condition().replicas()).containsExactly(new Replica("site-a", "http://a"));
        assertThat(snapshot.announced().at()).isEqualTo(Instant.parse("2026-11-23T21:01:00Z"));
        assertThat(snapshot.replicas().get(0).error()).isEqualTo("refused");
    }

    @Test
    void theTextOfEveryFieldStaysAsEarlierVersionsWroteIt() {
        String text = "{\"format\":1,\"repository\":\"sw.example.org\","
                + "\"target\":{\"rootHash\":\"d41d8cd98f00b204e9800998ecf8427e00000000\",\"revision\":\"7\"},"
                + "\"require\":\"majority\",\"onStale\":\"skip\",\"deadline\":\"2026-11-23T21:10:00Z\","
                + "\"publishedAt\":\"2026-11-23T20:59:00Z\",\"startedAt\":\"2026-11-23T21:00:00Z\","
                + "\"heard\":{\"revision\":\"8\",\"rootHash\":\"d41d8cd98f00b204e9800998ecf8427e00000000-rmd160\","
                + "\"publishedAt\":\"2026-11-23T21:00:30Z\",\"at\":\"2026-11-23T21:01:00.500Z\"},"
                + "\"replicas\":[{\"name\":\"site-a\",\"location\":\"http://a\","
                + "\"served\":{\"revision\":\"7\",\"rootHash\":\"d41d8cd98f00b204e9800998ecf8427e00000000\"},"
                + "\"rootCatalog\":\"PRESENT\",\"seenAt\":\"2026-11-23T21:02:00Z\",\"availableAt\":\"2026-11-23T21:03:00Z\","
                + "\"readAt\":\"2026-11-23T21:04:00Z\",\"snapshotAt\":\"2026-11-23T21:01:30Z\",\"error\":\"refused\"},"
                + "{\"name\":\"site-b\",\"location\":\"/srv/b\",\"rootCatalog\":\"UNKNOWN\"}]}";

        assertThat(GateSnapshot.fromJson(text).toJson()).isEqualTo(text);
    }

    @Test
    void aMountThatDoesNotTellItsRootHashAndANoteAreKept() {
        Replica mount =
                new Replica("/cvmfs/sw.example.org", "mount:/cvmfs/sw.example.org with /cvmfs/sw.example.org/1.2.3");
        GateSnapshot start = GateSnapshot.start(
                new Condition(
                        new RepositoryName("sw.example.org"),
                        revision(7),
                        List.of(mount),
                        Requirement.ALL,
                        StalePolicy.WAIT,
                        START.plusSeconds(600),
                        null),
                START);
        ScriptedGate gate = ScriptedGate.open(start.condition());
        gate.connect();
        gate.take(ScriptedGate.manifestRead(mount, new ManifestSummary(new Revision(6), null, null), "stopped"));

        GateSnapshot known = gate.gate().snapshot();

        assertThat(known.replicas().get(0).note()).isEqualTo("stopped");
        assertThat(known.replicas().get(0).served().toldRootHash()).isEmpty();
        assertThat(GateSnapshot.fromJson(known.toJson())).isEqualTo(known);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "null",
                "[]",
                "{}",
                "{\"format\":2}",
                "{\"format\":1}",
                "{\"format\":1,\"repository\":\"x\",\"target\":{\"atLeast\":\"-1\"}}",
                "{\"format\":1,\"repository\":\"x\",\"target\":{\"atLeast\":\"1\"},\"require\":\"all\",\"onStale\":\"wait\","
                        + "\"deadline\":\"soon\"}",
                "{\"format\":1,\"replicas\":[{\"name\":\"a\",\"location\":\"b\",\"rootCatalog\":\"maybe\"}]}"
            })
    void anythingElseIsRefusedWithASentence(String text) {
        assertThatThrownBy(() -> GateSnapshot.fromJson(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("snapshot of a gate")
                .isNotNull();
    }

    @Test
    void aResumedGateLooksAtEveryReplicaAgainBeforeItCounts() {
        // Given a gate with two of three replicas there
        ScriptedGate before = ScriptedGate.forRevision7();
        before.connect();
        before.serve(A, 7);
        before.serve(B, 7);

        // When it is reachable again and only the third answers
        ScriptedGate after = ScriptedGate.resume(before.gate().snapshot(), START.plusSeconds(60));
        after.connect();
        after.serve(C, 7);

        // Then the others are still asked
        assertThat(after.outcomes).isEmpty();
        after.serve(A, 7);
        after.serve(B, 7);
        assertThat(after.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aResumedGateKeepsTheTimesItKnew() {
        ScriptedGate before = ScriptedGate.forRevision7();
        before.connect();
        before.announce(7);
        before.serve(A, 7);
        Instant available = before.now();

        ScriptedGate after = ScriptedGate.resume(
                GateSnapshot.fromJson(before.gate().snapshot().toJson()), START.plus(Duration.ofMinutes(5)));
        after.connect();
        after.serve(A, 7);
        after.serve(B, 7);
        after.serve(C, 7);

        GateReport report = after.gate().report(after.now());
        assertThat(report.waited()).isEqualTo(Duration.ofMinutes(5));
        assertThat(report.replicas().get(0).state().availableAt()).isEqualTo(available);
        assertThat(report.replicas().get(1).sinceAnnouncement()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aReplicaThatWentBackDuringTheRestartDoesNotCount() {
        ScriptedGate before = ScriptedGate.open(condition(revision(7), "2"));
        before.connect();
        before.serve(A, 7);

        ScriptedGate after = ScriptedGate.resume(before.gate().snapshot(), START.plusSeconds(60));
        after.connect();
        after.serve(B, 7);
        after.serve(A, 6);
        after.serve(C, 6);

        assertThat(after.outcomes).isEmpty();
    }

    @Test
    void aReplicaThatCannotBeReadAfterTheRestartKeepsWhatItShowed() {
        ScriptedGate before = ScriptedGate.open(condition(revision(7), "2"));
        before.connect();
        before.serve(A, 7);

        ScriptedGate after = ScriptedGate.resume(before.gate().snapshot(), START.plusSeconds(60));
        after.connect();
        after.serve(B, 7);
        after.fail(A);

        assertThat(after.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aReplicaThatHangsAfterTheRestartKeepsWhatItShowedToo() {
        // Given
        ScriptedGate before = ScriptedGate.open(condition(revision(7), "2"));
        before.connect();
        before.serve(A, 7);

        // When the one never answers again and the other comes
        ScriptedGate after = ScriptedGate.resume(before.gate().snapshot(), START.plusSeconds(60));
        after.connect();
        after.serve(B, 7);
        assertThat(after.outcomes).isEmpty();
        after.jumpTo(START.plus(Duration.ofMinutes(10)));

        // Then the end agrees with the report
        assertThat(after.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(after.gate().report(after.now()).counted()).isEqualTo(2);
    }

    @Test
    void aSnapshotDoesNotChangeWithTheGate() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        GateSnapshot before = gate.gate().snapshot();
        String text = before.toJson();

        gate.connect();
        gate.serve(A, 7);

        assertThat(before.toJson()).isEqualTo(text);
        assertThat(before.replicas())
                .isEqualTo(List.of(A, B, C).stream().map(ReplicaState::unread).toList());
    }
}
