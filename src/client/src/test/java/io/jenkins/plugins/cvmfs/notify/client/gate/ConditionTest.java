package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.A;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.B;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.revision;
import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.rootHash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

    @ParameterizedTest
    @CsvSource({
        "all, 1, 1",
        "all, 5, 5",
        "majority, 1, 1",
        "majority, 2, 2",
        "majority, 4, 3",
        "majority, 5, 3",
        "any, 5, 1",
        "3, 5, 3"
    })
    void aRequirementIsANumberOfReplicas(String text, int named, int needed) {
        assertThat(new Requirement(text).of(named)).isEqualTo(needed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ALL", "none", "0", "-1", "+1", "1.5", "01", " 1", "99999", "quorum\nall"})
    void anyOtherRequirementIsRefused(String text) {
        assertThatThrownBy(() -> new Requirement(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("must be 'all', 'majority', 'any' or a number from 1 to 9999");
    }

    @Test
    void moreReplicasThanAreNamedCannotBeRequired() {
        assertThatThrownBy(() -> condition(List.of(A, B), "3"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("requirement 3 exceeds the number of replicas, 2");
    }

    @Test
    void thereMustBeReplicasButNotTooMany() {
        List<Replica> tooMany = IntStream.rangeClosed(0, 100)
                .mapToObj(i -> new Replica("r" + i, "/r"))
                .toList();

        assertThatThrownBy(() -> condition(List.of(), "all")).hasMessage("0 replicas are named, allowed are 1 to 100");
        assertThatThrownBy(() -> condition(tooMany, "all")).hasMessage("101 replicas are named, allowed are 1 to 100");
    }

    @Test
    void aReplicaCannotBeNamedTwice() {
        assertThatThrownBy(() -> condition(List.of(A, new Replica("site-a", "/elsewhere")), "all"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("replica site-a is named twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a=b", "a\tb", "a\u0000b"})
    void aReplicaNameIsPrintableAndWithoutBlanks(String name) {
        assertThatThrownBy(() -> new Replica(name, "http://a")).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aReplicaNeedsAPlace() {
        assertThatThrownBy(() -> new Replica("a", " ")).hasMessage("replica a has no URL");
    }

    @Test
    void theDeadlineMustBeADateThatSumsDoNotBreak() {
        assertThatThrownBy(() -> new Condition(
                        new RepositoryName("x"),
                        revision(1),
                        List.of(A),
                        Requirement.ALL,
                        StalePolicy.WAIT,
                        Instant.MAX,
                        null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not between 1970 and 9999");
    }

    @Test
    void itReadsLikeASentence() {
        assertThat(condition(List.of(A), "any")).hasToString("revision 7 or newer of sw.example.org on site-a");
        assertThat(condition(List.of(A, B), "all"))
                .hasToString("revision 7 or newer of sw.example.org on all 2 replicas");
        assertThat(condition(List.of(A, B), "1"))
                .hasToString("revision 7 or newer of sw.example.org on 1 of 2 replicas");
        assertThat(new Target.NewerThan(new Revision(-1))).hasToString("a revision newer than 18446744073709551615");
        assertThat(new Target.RootHash(rootHash(1), null)).hasToString("root hash " + rootHash(1));
    }

    @ParameterizedTest
    @CsvSource({"wait, WAIT", "skip, SKIP", "fail, FAIL"})
    void aStalePolicyIsOneOfThreeWords(String text, StalePolicy policy) {
        assertThat(StalePolicy.parse(text)).isEqualTo(policy);
        assertThat(policy).hasToString(text);
        assertThatThrownBy(() -> StalePolicy.parse(text + "s")).isInstanceOf(InvalidInputException.class);
    }

    private static Condition condition(List<Replica> replicas, String require) {
        return new Condition(
                new RepositoryName("sw.example.org"),
                revision(7),
                replicas,
                new Requirement(require),
                StalePolicy.WAIT,
                START.plusSeconds(60),
                null);
    }
}
