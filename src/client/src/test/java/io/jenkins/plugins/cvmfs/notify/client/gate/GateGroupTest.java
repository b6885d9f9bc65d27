package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A gate whose places come and go, as build agents do. */
class GateGroupTest {

    private static final Replica ONE = agent("agent 1");
    private static final Replica TWO = agent("agent-2");
    private static final Replica THREE = agent("agent-3");

    private static Replica agent(String name) {
        return new Replica(name, "mount@%s:/cvmfs/sw.example.org".formatted(name.replace(' ', '+')));
    }

    private static Condition condition(String require) {
        return new Condition(
                new RepositoryName("sw.example.org"),
                revision(7),
                List.of(),
                new Requirement(require),
                StalePolicy.WAIT,
                START.plus(Duration.ofMinutes(10)),
                null,
                new Condition.Group("agents", "online with label 'cvmfs'", null));
    }

    private static ScriptedGate open(String require) {
        ScriptedGate gate = ScriptedGate.open(condition(require));
        gate.connect();
        return gate;
    }

    private static void tell(ScriptedGate gate, @Nullable String absent, Replica... present) {
        gate.take(new GateEvent.Members(List.of(present), absent));
        gate.pass(Duration.ofSeconds(1));
    }

    @Test
    void allThatArePresentMustHaveTheRevision() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE, TWO);

        // When
        gate.serve(ONE, 7);
        boolean before = gate.outcomes.isEmpty();
        gate.serve(TWO, 7);

        // Then
        assertThat(before).isTrue();
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.lines).contains("agents online with label 'cvmfs': agent 1, agent-2");
    }

    @Test
    void oneThatLeavesIsNotWaitedFor() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE, TWO);
        gate.serve(ONE, 7);
        gate.serve(TWO, 6);

        // When
        tell(gate, "offline: agent-2", ONE);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.lines).contains("agents online with label 'cvmfs': 1, without agent-2; offline: agent-2");
    }

    @Test
    void oneThatJoinsIsWaitedForToo() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE);
        gate.serve(ONE, 6);

        // When
        tell(gate, null, ONE, TWO);
        gate.pass(Duration.ofSeconds(20));
        gate.serve(ONE, 7);
        boolean before = gate.outcomes.isEmpty();
        gate.serve(TWO, 7);

        // Then
        assertThat(before).isTrue();
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
    }

    @Test
    void nobodyIsNeverEnough() {
        // Given
        ScriptedGate gate = open("all");

        // When
        tell(gate, "no node has the label", new Replica[0]);

        // Then
        assertThat(gate.outcomes).isEmpty();
        assertThat(gate.gate().report(gate.now()).missing())
                .isEqualTo("there are no agents online with label 'cvmfs'; no node has the label");
        gate.pass(Duration.ofMinutes(11));
        assertThat(gate.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @ParameterizedTest
    @CsvSource({"all,3", "majority,2", "any,1", "5,5"})
    void theRequirementIsOfThosePresent(String require, int needed) {
        // Given
        ScriptedGate gate = open(require);

        // When
        tell(gate, null, ONE, TWO, THREE);

        // Then
        assertThat(gate.gate().snapshot().condition().needed()).isEqualTo(needed);
        assertThat(condition(require).needed()).isPositive();
    }

    @Test
    void oneThatReturnsKeepsTheTimeWhenItHadTheRevision() {
        // Given
        ScriptedGate gate = open("2");
        tell(gate, null, ONE, TWO);
        gate.serve(ONE, 7);
        tell(gate, "offline: agent 1", TWO);

        // When
        tell(gate, null, ONE, TWO);
        gate.serve(ONE, 7);
        gate.serve(TWO, 7);

        // Then
        assertThat(gate.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(gate.gate().snapshot().replicas().get(0).availableAt())
                .isBefore(gate.now().minusSeconds(1));
    }

    @Test
    void oneWhoseReadFailedIsReadAgainWhenTheMembersAreTold() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE);
        gate.fail(ONE);

        // When
        boolean before = gate.asks(ONE);
        tell(gate, null, ONE);

        // Then
        assertThat(before).isFalse();
        assertThat(gate.asks(ONE)).isTrue();
    }

    @Test
    void anAnnouncementLetsThemBeReadSoonAndThenEverySixteenSeconds() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE);
        gate.serve(ONE, 6);

        // When
        gate.announce(7);
        gate.pass(Duration.ofSeconds(2));
        boolean soon = gate.asks(ONE);
        int reads = 0;
        for (int second = 0; second < 300; second++) {
            reads += gate.asks(ONE) ? 1 : 0;
            gate.serve(ONE, 6);
            gate.pass(Duration.ofSeconds(1));
        }

        // Then
        assertThat(soon).isTrue();
        assertThat(reads).isBetween(18, 25);
    }

    @Test
    void oneThatFailsIsReadNoMoreOftenThanOneThatLags() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE);
        int reads = 0;

        // When
        for (int second = 0; second < 300; second++) {
            if (gate.asks(ONE)) {
                reads++;
                gate.fail(ONE);
            }
            gate.pass(Duration.ofSeconds(1));
        }

        // Then
        assertThat(reads).isBetween(18, 25);
    }

    @Test
    void afterARestartNobodyIsReadBeforeTheMembersAreKnown() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE, TWO);
        gate.serve(ONE, 7);
        GateSnapshot known = GateSnapshot.fromJson(gate.gate().snapshot().toJson());

        // When
        ScriptedGate resumed = ScriptedGate.resume(known, gate.now().plusSeconds(60));
        resumed.connect();
        resumed.pass(Duration.ofSeconds(30));
        boolean before = resumed.asks(ONE) || resumed.asks(TWO);
        tell(resumed, null, ONE, TWO);

        // Then
        assertThat(known).isEqualTo(gate.gate().snapshot());
        assertThat(before).isFalse();
        assertThat(resumed.asks(ONE)).isTrue();
        assertThat(resumed.outcomes).isEmpty();
    }

    @Test
    void afterADeadlineThatPassedMeanwhileTheMembersMayReturnForTwoMinutes() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, null, ONE);
        GateSnapshot known = gate.gate().snapshot();

        // When
        ScriptedGate resumed = ScriptedGate.resume(known, START.plus(Duration.ofMinutes(20)));
        resumed.connect();
        tell(resumed, "offline: agent 1", new Replica[0]);
        resumed.pass(Duration.ofSeconds(90));
        tell(resumed, null, ONE);
        resumed.serve(ONE, 7);
        ScriptedGate late = ScriptedGate.resume(known, START.plus(Duration.ofMinutes(20)));
        late.pass(Duration.ofMinutes(3));

        // Then
        assertThat(resumed.outcomes).containsExactly(GateOutcome.REACHED);
        assertThat(late.outcomes).containsExactly(GateOutcome.TIMED_OUT);
    }

    @Test
    void theReportNamesThoseThatLagAndThoseThatAreAbsent() {
        // Given
        ScriptedGate gate = open("all");
        tell(gate, "offline: agent-3", ONE, TWO);
        gate.serve(ONE, 6);
        gate.fail(TWO);

        // When
        String missing = gate.gate().report(gate.now()).missing();

        // Then
        assertThat(missing)
                .isEqualTo("0 of 2 agents have revision 7 or newer, 2 needed: agent 1 serves revision 6; agent-2 cannot"
                        + " be read: connection refused; offline: agent-3");
        assertThat(gate.gate().report(gate.now()).condition())
                .hasToString("revision 7 or newer of sw.example.org on all agents online with label 'cvmfs'");
        assertThat(condition("majority"))
                .hasToString("revision 7 or newer of sw.example.org on most agents online with label 'cvmfs'");
    }

    @Test
    void aGroupHasNoMoreThanAThousandMembers() {
        List<Replica> tooMany = IntStream.rangeClosed(0, 1000)
                .mapToObj(i -> agent("agent-" + i))
                .toList();

        assertThatThrownBy(() -> condition("all").withMembers(tooMany, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("1001 replicas are named, allowed are 1 to 1000");
    }
}
