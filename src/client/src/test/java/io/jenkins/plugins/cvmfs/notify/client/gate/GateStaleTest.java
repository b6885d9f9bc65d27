package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GateStaleTest {

    private static final Instant EARLIER = START.minusSeconds(60);
    private static final Instant LATER = START.plusSeconds(60);

    @Test
    void aReplicaThatWentBackCountsNoLonger() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 7);

        // When
        gate.untilAsked(A);
        gate.serve(A, published(3, LATER));
        gate.serve(B, 7);

        // Then
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.lines).contains("site-a no longer counts: it serves revision 3");
        assertThat(gate.gate().report(gate.now()).replicas().get(0).state().availableAt())
                .isNull();

        // When it comes again
        gate.untilAsked(A);
        gate.serve(A, 8);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aReplicaThatCannotBeReadForTheMomentStillCounts() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 7);
        gate.untilAsked(A);
        gate.fail(A);

        gate.untilAsked(B);
        gate.serve(B, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aReplicaThatMovedOnCountsOnlyWhenTheNextRootCatalogIsThereToo() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 7);
        Instant available = gate.now();

        // When
        gate.untilAsked(A);
        gate.serve(A, published(8), false);
        gate.serve(B, 7);

        // Then
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.lines)
                .contains("site-a no longer counts: it serves revision 8, but its root catalog is not there");

        // When
        gate.untilAsked(A);
        gate.serve(A, published(8), true);

        // Then it is available since then, not since before
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.gate().snapshot().replicas().get(0).availableAt()).isAfter(available);
    }

    @Test
    void aReplicaThatMovesOnFromOneGoodRevisionToTheNextKeepsItsTime() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 7);
        Instant available = gate.now();

        gate.untilAsked(A);
        gate.serve(A, 8);

        ReplicaState state = gate.gate().snapshot().replicas().get(0);
        assertThat(state.counts()).isTrue();
        assertThat(state.availableAt()).isEqualTo(available);
    }

    @ParameterizedTest
    @EnumSource(
            value = StalePolicy.class,
            names = {"SKIP", "FAIL"})
    void endsWhenAReplicaServesALowerRevisionThatWasPublishedLater(StalePolicy policy) {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2", policy, null));
        gate.connect();
        gate.serve(A, published(7, START));

        gate.serve(B, published(3, LATER));

        assertThat(gate.outcomes).containsExactly(GateOutcome.STALE);
        assertThat(gate.lines.get(gate.lines.size() - 1))
                .contains("the repository was rolled back", "site-b serves revision 3");
    }

    @Test
    void endsWhenTheRollbackHappenedBeforeTheGateWasOpened() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "all", StalePolicy.FAIL, START));
        gate.connect();

        gate.serve(A, published(3, LATER));

        assertThat(gate.outcomes).containsExactly(GateOutcome.STALE);
    }

    @Test
    void aReplicaThatMerelyLagsIsNotStale() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "all", StalePolicy.FAIL, START));
        gate.connect();

        gate.serve(A, published(6, EARLIER));
        gate.serve(B, published(6, START));

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void aReplicaBehindAnUnevenPairOfServersIsNotStale() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "all", StalePolicy.FAIL, null));
        gate.connect();
        gate.serve(A, published(7, START));

        gate.untilAsked(A);
        gate.serve(A, published(6, EARLIER));

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void anAnnouncementIsNoProofOfARollback() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "all", StalePolicy.FAIL, START));
        gate.connect();
        gate.serve(A, published(6, EARLIER));

        gate.take(new GateEvent.Announced(published(3, LATER)));

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void anAnnouncementOfALowerRevisionMakesItLookAtTheReplicasThatCount() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "2"));
        gate.connect();
        gate.serve(A, 7);
        gate.pass(Duration.ofSeconds(5));

        // When
        gate.take(new GateEvent.Announced(published(3, LATER)));

        // Then
        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(PollSchedule.DEFAULT.spread());
        gate.serve(A, 7);

        // When it comes again
        gate.take(new GateEvent.Announced(published(3, LATER)));

        // Then it is old news
        assertThat(gate.untilAsked(A)).isGreaterThan(Duration.ofSeconds(40));
    }

    @Test
    void byDefaultItWaitsForTheRevisionToComeAgain() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any", StalePolicy.WAIT, START));
        gate.connect();
        gate.serve(A, published(3, LATER));

        gate.untilAsked(A);
        gate.serve(A, published(7, LATER.plusSeconds(1)));

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void enoughReplicasWinOverOneThatWentBack() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any", StalePolicy.FAIL, START));
        gate.connect();
        gate.serve(A, published(7, START));

        gate.serve(B, published(3, LATER));

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }
}
