package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.C;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.manifestRead;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.rootCatalogChecked;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.snapshotTimeRead;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.CheckRootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadManifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {

    @Test
    void subscribesBeforeItReadsAnything() {
        // Given a gate that was just opened
        ScriptedGate gate = ScriptedGate.forRevision7();

        // Then it has subscribed, and leaves the connection a moment
        assertThat(gate.subscribed()).isTrue();
        assertThat(gate.outstanding()).isEmpty();

        // When the subscription stands
        gate.connect();

        // Then the truth is read
        assertThat(gate.outstanding())
                .containsExactly(
                        Map.entry(A, new ReadManifest()),
                        Map.entry(B, new ReadManifest()),
                        Map.entry(C, new ReadManifest()));
    }

    @Test
    void readsTheReplicasAlsoIfTheServerNeverAnswers() {
        ScriptedGate gate = ScriptedGate.forRevision7();

        Duration waited = gate.untilAsked(A);

        assertThat(waited).isEqualTo(PollSchedule.DEFAULT.connectWait());
    }

    @Test
    void withoutAServerItReadsAtOnceAndNeverSubscribes() {
        ScriptedGate gate = ScriptedGate.pollOnly(condition(revision(7), "all"));

        assertThat(gate.subscribed()).isFalse();
        assertThat(gate.outstanding()).hasSize(3);
    }

    @Test
    void endsWhenEveryReplicaServesTheRevisionAndHasItsRootCatalog() {
        // Given
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.serve(A, 7);
        gate.serve(B, 8);

        // When
        gate.take(manifestRead(C, published(7)));

        // Then the manifest alone does not do
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.outstanding()).containsExactly(Map.entry(C, new CheckRootCatalog(ScriptedGate.rootHash(7))));
        gate.serve(C, 7);
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @ParameterizedTest
    @CsvSource({"all, 3", "majority, 2", "any, 1", "1, 1", "2, 2", "3, 3"})
    void endsAsSoonAsEnoughReplicasHaveIt(String require, int needed) {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), require));
        gate.connect();

        List<Replica> replicas = List.of(A, B, C);
        for (int i = 0; i < 3; i++) {
            assertThat(gate.outcomes).isEqualTo(i < needed ? List.of() : List.of(GateOutcome.REACHED));
            gate.serve(replicas.get(i), 7);
        }

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void anAnnouncementAloneNeverEndsIt() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(A, 6);
        gate.serve(B, 6);
        gate.serve(C, 6);

        gate.announce(7);
        gate.announce(8);

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void endsWithoutAnyAnnouncementByReadingNowAndThen() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(A, 6);

        Duration pause = gate.untilAsked(A);
        gate.serve(A, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(pause).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(72));
    }

    @Test
    void aReplicaWithoutItsRootCatalogDoesNotCountUntilItIsThere() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(A, published(7), false);
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.gate().report(gate.now()).missing())
                .contains("site-a serves revision 7, but its root catalog is not there");

        // When
        gate.untilAsked(A);
        gate.serve(A, published(7), true);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void anAnswerToAnotherQuestionChangesNothing() {
        // Given a gate that looks for the root catalog of revision 7
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.take(manifestRead(A, published(7)));

        // When
        gate.gate().take(rootCatalogChecked(A, ScriptedGate.rootHash(8), true), gate.now());
        gate.gate().take(manifestRead(A, published(9)), gate.now());
        gate.gate().take(snapshotTimeRead(A, gate.now()), gate.now());
        gate.gate().take(manifestRead(new Replica("stranger", "/x"), published(7)), gate.now());

        // Then it still looks for it
        ReplicaState state = gate.gate().snapshot().replicas().get(0);
        assertThat(state.served()).isEqualTo(published(7));
        assertThat(state.counts()).isFalse();
        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void afterTheEndNothingHappensAnyMore() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(A, 7);
        GateSnapshot last = gate.gate().snapshot();

        // When
        gate.take(manifestRead(B, published(3)));
        gate.announce(9);
        gate.pass(Duration.ofHours(1));

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.gate().outcome()).contains(GateOutcome.REACHED);
        assertThat(gate.gate().snapshot()).isEqualTo(last);
    }

    @Test
    void aRevisionIsAnUnsignedNumber() {
        ScriptedGate gate =
                ScriptedGate.open(condition(new Target.NewerThan(Revision.parse("9223372036854775807")), "any"));
        gate.connect();
        gate.serve(A, 7);
        assertThat(gate.outcomes).isEmpty();

        gate.serve(B, published(-1));

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.lines).anyMatch(line -> line.contains("site-b has revision 18446744073709551615"));
    }

    @Test
    void newerThanIsStrict() {
        ScriptedGate gate = ScriptedGate.open(condition(new Target.NewerThan(new Revision(7)), "any"));
        gate.connect();
        gate.serve(A, 7);
        assertThat(gate.outcomes).isEmpty();

        gate.serve(B, 8);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }
}
