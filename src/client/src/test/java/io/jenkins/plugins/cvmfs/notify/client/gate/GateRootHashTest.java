package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.rootHash;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GateRootHashTest {

    private static final Target UNNUMBERED = new Target.RootHash(rootHash(7), null);
    private static final Target NUMBERED = new Target.RootHash(rootHash(7), new Revision(7));

    @Test
    void theHashItselfCounts() {
        ScriptedGate gate = ScriptedGate.open(condition(UNNUMBERED, "any"));
        gate.connect();
        gate.serve(A, 6);
        assertThat(gate.outcomes).isEmpty();

        gate.serve(B, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aReplicaThatIsPastItCountsIfItsRevisionIsGiven() {
        ScriptedGate gate = ScriptedGate.open(condition(NUMBERED, "any"));
        gate.connect();

        gate.serve(A, 8);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void theSameRevisionWithAnotherHashDoesNotCount() {
        ScriptedGate gate = ScriptedGate.open(condition(NUMBERED, "any"));
        gate.connect();

        gate.serve(A, new ManifestSummary(new Revision(7), rootHash(99), START));

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void aReplicaThatIsPastItCountsOnceAnotherReplicaHasShownTheRevision() {
        // Given
        ScriptedGate gate = ScriptedGate.open(condition(UNNUMBERED, "2"));
        gate.connect();
        gate.serve(A, 8);

        // When
        gate.serve(B, 7);

        // Then it is looked at again soon
        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(Duration.ofSeconds(1));
        gate.serve(A, 8);
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void anAnnouncementDoesNotTellTheRevisionButTheExplanationNamesIt() {
        ScriptedGate gate = ScriptedGate.open(condition(UNNUMBERED, "any"));
        gate.connect();
        gate.announce(7);

        gate.serve(A, 8);

        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.gate().report(gate.now()).missing())
                .endsWith(
                        "It was announced as revision 7; name that revision too, and replicas that are past it count");
    }

    @Test
    void withoutTheRevisionNothingIsStale() {
        ScriptedGate gate = ScriptedGate.open(condition(UNNUMBERED, "any", StalePolicy.FAIL, START));
        gate.connect();

        gate.serve(A, published(8, START.plusSeconds(60)));

        assertThat(gate.outcomes).isEmpty();
    }

    @Test
    void withTheRevisionALowerOnePublishedLaterIsStale() {
        ScriptedGate gate = ScriptedGate.open(condition(NUMBERED, "any", StalePolicy.FAIL, START));
        gate.connect();

        gate.serve(A, published(6, START.plusSeconds(60)));

        assertThat(gate.outcomes).containsExactly(GateOutcome.STALE);
    }
}
