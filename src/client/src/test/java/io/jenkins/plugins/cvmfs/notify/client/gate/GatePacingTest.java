package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.C;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.condition;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.manifestRead;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.published;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatePacingTest {

    @Test
    void aReadOfAnotherGateIsJoinedWhenMoreThanHalfOfThePauseIsOver() {
        // Given a gate that looked at a replica and looks again after 48 to 72 s
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.serve(A, 6);

        // When another one reads it soon after, and once more later
        gate.pass(Duration.ofSeconds(23));
        gate.take(new GateEvent.ReadBegins(A));
        boolean askedEarly = gate.asks(A);
        gate.pass(Duration.ofSeconds(14));
        gate.take(new GateEvent.ReadBegins(A));

        // Then
        assertThat(askedEarly).isFalse();
        assertThat(gate.asks(A)).isTrue();
        gate.serve(A, 6);
        assertThat(gate.untilAsked(A)).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(72));
    }

    @Test
    void aMountIsReadEveryFewSecondsUntilItHasTheRevision() {
        Replica mount = new Replica("mount", "mount:/cvmfs/sw.example.org");
        ScriptedGate gate = ScriptedGate.open(new Condition(
                new RepositoryName("sw.example.org"),
                revision(7),
                List.of(mount),
                Requirement.ALL,
                StalePolicy.WAIT,
                ScriptedGate.START.plus(Duration.ofMinutes(10)),
                null));
        gate.connect();

        for (int i = 0; i < 20; i++) {
            gate.serve(mount, 6);
            assertThat(gate.untilAsked(mount)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
        }
        gate.serve(mount, 7);

        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void aReadThatBeganBeforeTheAnnouncementDoesNotReplaceTheOneItAsksFor() {
        // Given a gate that has joined the read of another
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.serve(A, 6);
        gate.pass(Duration.ofSeconds(40));
        gate.take(new GateEvent.ReadBegins(A));

        // When a revision is announced before the answer comes
        gate.announce(7);
        gate.serve(A, 6);

        // Then it looks once more
        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void aReadOfAnotherGateIsNotJoinedByAGateThatHasEnded() {
        ScriptedGate gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.pass(Duration.ofMinutes(10));

        gate.take(new GateEvent.ReadBegins(B));

        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    private ScriptedGate gate;

    @BeforeEach
    void threeReplicasServeRevision6() {
        gate = ScriptedGate.forRevision7();
        gate.connect();
        gate.serve(A, 6);
        gate.serve(B, 6);
        gate.serve(C, 6);
        gate.pass(Duration.ofSeconds(5));
    }

    @Test
    void anAnnouncementOfTheTargetWakesEveryReplicaThatLacksIt() {
        gate.announce(7);

        for (Replica replica : List.of(A, B, C)) {
            assertThat(gate.untilAsked(replica)).isLessThanOrEqualTo(PollSchedule.DEFAULT.spread());
        }
    }

    @Test
    void anAnnouncementOfSomethingOlderWakesNobody() {
        gate.announce(6);
        gate.announce(3);

        assertThat(gate.untilAsked(A)).isGreaterThan(Duration.ofSeconds(40));
    }

    @Test
    void aDuplicateOrAnOlderAnnouncementOfTheTargetWakesNobodyAgain() {
        // Given
        gate.announce(8);
        lagOnce(A);
        lagOnce(A);
        lagOnce(A);

        // When the pause has grown
        gate.announce(8);
        gate.announce(7);

        // Then it stays
        assertThat(gate.untilAsked(A)).isBetween(Duration.ofMillis(6400), Duration.ofMillis(9600));
    }

    @Test
    void aReplicaThatLagsBehindAnAnnouncementIsReadEagerlyAndThenLessAndLess() {
        gate.announce(7);
        List<Duration> pauses = new ArrayList<>();
        lagOnce(A);
        for (int i = 0; i < 6; i++) {
            pauses.add(lagOnce(A));
        }

        long[] expected = {2, 4, 8, 16, 32, 60};
        for (int i = 0; i < expected.length; i++) {
            assertThat(pauses.get(i))
                    .isBetween(Duration.ofMillis(expected[i] * 800), Duration.ofMillis(expected[i] * 1200));
        }
    }

    @Test
    void aNewerAnnouncementBeginsTheEagerReadsAnew() {
        gate.announce(7);
        for (int i = 0; i < 5; i++) {
            lagOnce(A);
        }

        gate.announce(8);

        assertThat(lagOnce(A)).isLessThanOrEqualTo(PollSchedule.DEFAULT.minInterval());
        assertThat(lagOnce(A)).isBetween(Duration.ofMillis(1600), Duration.ofMillis(2400));
    }

    @Test
    void aReplicaThatHasItMakesTheOthersBeReadEagerlyEvenIfNothingWasAnnounced() {
        // When
        gate.untilAsked(A);
        gate.serve(A, 7);

        // Then
        if (!gate.asks(B)) {
            assertThat(gate.untilAsked(B)).isLessThanOrEqualTo(PollSchedule.DEFAULT.minInterval());
        }
        gate.serve(B, 6);
        assertThat(gate.untilAsked(B)).isLessThanOrEqualTo(Duration.ofMillis(2400));
    }

    @Test
    void aStormOfAnnouncementsCannotMakeItReadAReplicaMoreOftenThanTheGap() {
        Set<Instant> asked = new HashSet<>();
        Instant end = gate.now().plusSeconds(10);
        for (long revision = 7; gate.now().isBefore(end); revision++) {
            gate.announce(revision);
            gate.pass(Duration.ofMillis(10));
            if (gate.asks(A)) {
                asked.add(gate.now());
                gate.serve(A, 6);
            }
        }

        assertThat(asked).hasSizeBetween(5, 11);
    }

    @Test
    void anAnnouncementThatComesWhileAnAnswerIsUnderWayLeadsToAnotherRead() {
        // Given a read that began before the announcement
        gate.untilAsked(A);
        gate.announce(7);

        // When the answer is from before
        gate.serve(A, 6);

        // Then it is not the last word
        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(PollSchedule.DEFAULT.minInterval());
    }

    @Test
    void aReconnectLeadsToAnotherReadBecauseAnnouncementsMayHaveBeenMissed() {
        gate.disconnect();
        gate.connect();

        for (Replica replica : List.of(A, B, C)) {
            assertThat(gate.untilAsked(replica)).isLessThanOrEqualTo(PollSchedule.DEFAULT.spread());
        }
    }

    @Test
    void withoutAConnectionTheReplicasAreReadMoreOften() {
        gate.disconnect();

        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(Duration.ofSeconds(18));
        gate.serve(A, 6);
        assertThat(gate.untilAsked(A)).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(18));
    }

    @Test
    void anOutageIsToldOnceHoweverOftenConnectingFails() {
        gate.disconnect();
        gate.disconnect();
        gate.disconnect();

        assertThat(gate.lines)
                .filteredOn(line -> line.contains("no connection"))
                .hasSize(1);
    }

    @Test
    void aReplicaThatFailsIsReadLessAndLess() {
        gate.untilAsked(A);
        gate.fail(A);
        Duration first = gate.untilAsked(A);
        gate.fail(A);
        Duration second = gate.untilAsked(A);

        assertThat(first).isBetween(Duration.ofMillis(1600), Duration.ofMillis(2400));
        assertThat(second).isBetween(Duration.ofMillis(3200), Duration.ofMillis(4800));
    }

    @Test
    void aReplicaThatHasItIsReadSlowlyToNoticeARollback() {
        gate.announce(7);
        gate.untilAsked(A);
        gate.serve(A, 7);

        assertThat(gate.untilAsked(A)).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(72));
    }

    @Test
    void theReplicasAreReadOnceMoreJustBeforeTheDeadline() {
        // Given a minute before the deadline
        gate.pass(Duration.ofMinutes(9).plusSeconds(5));
        gate.serve(A, 6);

        // When
        Duration pause = gate.untilAsked(A);

        // Then
        Instant deadline = ScriptedGate.START.plus(Duration.ofMinutes(10));
        assertThat(gate.now().plus(PollSchedule.DEFAULT.lead())).isEqualTo(deadline);
        assertThat(pause).isPositive();
        gate.serve(A, 7);
        assertThat(gate.gate().report(gate.now()).counted()).isEqualTo(1);
    }

    @Test
    void aClockThatIsSetBackDoesNotStopTheReads() {
        gate.jumpTo(gate.now().minus(Duration.ofDays(1)));

        assertThat(gate.asks(A)).isTrue();
        gate.serve(A, 6);
        assertThat(gate.untilAsked(A)).isLessThanOrEqualTo(Duration.ofSeconds(72));
    }

    @Test
    void theLastSnapshotOfALaggingReplicaIsAskedForNowAndThen() {
        // Given
        gate.announce(7);
        gate.untilAsked(A);

        // When
        gate.take(manifestRead(A, published(6)));

        // Then
        assertThat(gate.outstanding()).containsEntry(A, new GateAction.ReadSnapshotTime());
        gate.serve(A, 6);
        assertThat(gate.gate().report(gate.now()).missing())
                .contains("site-a serves revision 6, last snapshot 34 min ago");

        // When it is read again soon after
        gate.untilAsked(A);
        gate.take(manifestRead(A, published(6)));

        // Then it is not asked for again
        assertThat(gate.asks(A)).isFalse();

        // When the replica has made another one
        gate.untilAsked(A);
        gate.serve(A, 7);

        // Then the old time is not shown any more
        assertThat(gate.gate().snapshot().replicas().get(0).snapshotAt()).isNull();
    }

    @Test
    void twoGatesWithDifferentSourcesOfRandomnessDoNotReadAtTheSameTime() {
        Set<Duration> pauses = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            Condition condition = condition(revision(7), "all");
            Gate other = ScriptedGate.gate(
                    GateSnapshot.start(condition, ScriptedGate.START), true, seed, ScriptedGate.START);
            ScriptedGate scripted = new ScriptedGate(other, ScriptedGate.START);
            scripted.connect();
            scripted.serve(A, 6);
            pauses.add(scripted.untilAsked(A));
        }

        assertThat(pauses).hasSize(20);
    }

    @Test
    void aPauseMustBePositive() {
        Duration second = Duration.ofSeconds(1);

        assertThatThrownBy(
                        () -> new PollSchedule(second, second, second, Duration.ZERO, second, second, second, second))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("poll schedule: minInterval is PT0S, must be above zero and at most a day");
    }

    private Duration lagOnce(Replica replica) {
        Duration pause = gate.untilAsked(replica);
        gate.serve(replica, 6);
        return pause;
    }
}
