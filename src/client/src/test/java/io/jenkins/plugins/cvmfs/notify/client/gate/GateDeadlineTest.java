package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.C;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.manifestRead;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.rootCatalogChecked;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateDeadlineTest {

    private static final Instant DEADLINE = START.plus(Duration.ofMinutes(10));
    private static final GateSnapshot FRESH = GateSnapshot.start(condition(revision(7), "any"), START);

    @Test
    void timesOutExactlyAtTheDeadline() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();

        gate.jumpTo(DEADLINE.minusNanos(1));
        assertThat(gate.outcomes).isEmpty();
        gate.jumpTo(DEADLINE);

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void anAnswerJustBeforeTheDeadlineCounts() {
        ScriptedGate gate = looking();
        gate.jumpTo(DEADLINE.minusNanos(1));

        gate.serve(A, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void anAnswerAtTheDeadlineIsTooLate() {
        // Given a gate with a question under way
        ScriptedGate gate = looking();
        assertThat(gate.asks(A)).isTrue();

        // When the answer and the deadline come together
        gate.gate().take(manifestRead(A, ScriptedGate.published(7)), DEADLINE);
        gate.jumpTo(DEADLINE);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
        assertThat(gate.gate().report(DEADLINE).counted()).isZero();
    }

    @Test
    void whatWasThereBeforeTheDeadlineIsReachedEvenIfNobodyAskedUntilLater() {
        // Given an answer that came in time, but after which the gate was not asked what to do
        ScriptedGate gate = looking();
        gate.take(manifestRead(A, ScriptedGate.published(7)));
        gate.gate().take(rootCatalogChecked(A, ScriptedGate.rootHash(7), true), DEADLINE.minusMillis(1));

        gate.jumpTo(DEADLINE.plusSeconds(1));

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aGateOpenedAfterItsDeadlineLooksOnceAndFindsTheRevision() {
        // Given a gate that is resumed after a restart an hour too late
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.plus(Duration.ofHours(1)));

        // Then it looks at once
        assertThat(gate.outstanding()).hasSize(3);

        // When the revision is there
        gate.serve(C, 7);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aGateOpenedAfterItsDeadlineTimesOutAsSoonAsEveryReplicaHasAnswered() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE);

        gate.serve(A, 6);
        gate.fail(B);
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.outstanding()).hasSize(1);
        gate.serve(C, 6);

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
        assertThat(gate.gate().report(gate.now()).missing())
                .isEqualTo("0 of 3 replicas have revision 7 or newer, 1 needed: site-a serves revision 6;"
                        + " site-b cannot be read: connection refused; site-c serves revision 6");
    }

    @Test
    void aGateOpenedAfterItsDeadlineDoesNotWaitForAReplicaThatHangs() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.plusSeconds(5));
        gate.serve(A, 6);

        gate.pass(PollSchedule.DEFAULT.finalCheck().minusNanos(1));
        assertThat(gate.outcomes).isEmpty();
        gate.pass(Duration.ofNanos(1));

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void theLastLookIsOneLookAndNotMore() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE);
        gate.serve(A, 6);

        gate.connect();
        gate.announce(7);
        gate.pass(Duration.ofSeconds(20));

        assertThat(gate.asks(A)).isFalse();
        assertThat(gate.outcomes).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 20, 29})
    void aShortTimeLimitIsNotOvershotWhenAReplicaHangs(int seconds) {
        // Given a fresh gate, opened a moment after its snapshot was made, with a question that is never answered
        Instant opened = DEADLINE.minusSeconds(seconds);
        ScriptedGate gate =
                ScriptedGate.resume(GateSnapshot.start(condition(revision(7), "any"), opened.minusMillis(200)), opened);
        gate.pass(Duration.ofSeconds(seconds).minusNanos(1));
        assertThat(gate.outstanding()).hasSize(3);
        assertThat(gate.outcomes).isEmpty();

        gate.pass(Duration.ofNanos(1));

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void aGateResumedJustBeforeItsDeadlineHasTimeForItsLastLook() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.minusMillis(500));
        gate.pass(Duration.ofSeconds(1));
        assertThat(gate.outcomes).isEmpty();

        gate.serve(A, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aGateResumedJustBeforeItsDeadlineDoesNotWaitForAReplicaThatHangs() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.minusSeconds(1));
        gate.serve(A, 6);

        gate.pass(PollSchedule.DEFAULT.finalCheck().minusNanos(1));
        assertThat(gate.asks(B)).isTrue();
        assertThat(gate.asks(A)).isFalse();
        assertThat(gate.outcomes).isEmpty();
        gate.pass(Duration.ofNanos(1));

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void aGateResumedEarlierKeepsItsDeadline() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.minus(PollSchedule.DEFAULT.finalCheck()));

        gate.pass(PollSchedule.DEFAULT.finalCheck());

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void aTimeLimitThatIsNotMuchLongerThanTheWaitForTheConnectionIsUsedForReading() {
        ScriptedGate gate = ScriptedGate.resume(FRESH, DEADLINE.minusSeconds(4));

        assertThat(gate.outstanding()).hasSize(3);
    }

    /** A gate that is in the middle of a later look when the deadline comes near. */
    private static ScriptedGate looking() {
        ScriptedGate gate = ScriptedGate.open(condition(revision(7), "any"));
        gate.connect();
        gate.serve(A, 6);
        gate.serve(B, 6);
        gate.serve(C, 6);
        gate.pass(Duration.ofMinutes(10).minusSeconds(2));
        return gate;
    }
}
