package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WaitRequestTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static WaitState begin(WaitRequest request) {
        return request.begin(Samples.directory(), NOW);
    }

    @Test
    void whatIsKeptSaysWhatIsAwaitedUntilWhen() {
        // Given
        WaitRequest request = Samples.request(7L);

        // When
        WaitState state = begin(request);

        // Then
        Condition condition = state.snapshot().condition();
        assertThat(condition.target()).isEqualTo(new Target.AtLeast(new Revision(7)));
        assertThat(condition.deadline()).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
        assertThat(condition.needed()).isEqualTo(2);
        assertThat(condition.onStale()).isEqualTo(StalePolicy.WAIT);
        assertThat(state.onTimeout()).isEqualTo(OnTimeout.FAIL);
        assertThat(state.server()).isEqualTo("main");
    }

    @Test
    void whatIsAwaitedMustBeClear() {
        // Given
        WaitRequest none = Samples.request(null);
        WaitRequest two = new WaitRequest(
                "sw.example.org", 7L, 6L, null, List.of(), "all", Duration.ofMinutes(1), "fail", "wait", null);

        // When, Then
        assertThatThrownBy(() -> begin(none))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("revision:, after: or rootHash:");
        assertThatThrownBy(() -> begin(two))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("revision:, after: or rootHash:");
    }

    @Test
    void wrongParametersAreNamed() {
        // Given
        WaitRequest negative = Samples.request(-1L);
        WaitRequest never = with("all", Duration.ZERO, "fail", "wait", "main");
        WaitRequest forever = with("all", Duration.ofDays(400), "fail", "wait", "main");
        WaitRequest some = with("some", Duration.ofMinutes(1), "fail", "wait", "main");
        WaitRequest three = with("3", Duration.ofMinutes(1), "fail", "wait", "main");
        WaitRequest panic = with("all", Duration.ofMinutes(1), "panic", "wait", "main");
        WaitRequest old = with("all", Duration.ofMinutes(1), "fail", "old", "main");
        WaitRequest elsewhere = with("all", Duration.ofMinutes(1), "fail", "wait", "elsewhere");

        // When, Then
        assertThatThrownBy(() -> begin(negative)).hasMessageContaining("-1");
        assertThatThrownBy(() -> begin(never)).hasMessageContaining("timeout");
        assertThatThrownBy(() -> begin(forever)).hasMessageContaining("366");
        assertThatThrownBy(() -> begin(some)).hasMessageContaining("'some'");
        assertThatThrownBy(() -> begin(three)).hasMessageContaining("3");
        assertThatThrownBy(() -> begin(panic)).hasMessageContaining("'panic'");
        assertThatThrownBy(() -> begin(old)).hasMessageContaining("'old'");
        assertThatThrownBy(() -> begin(elsewhere)).hasMessageContaining("'elsewhere'");
    }

    private static WaitRequest with(String require, Duration timeout, String onTimeout, String onStale, String server) {
        return new WaitRequest(
                "sw.example.org", 7L, null, null, List.of(), require, timeout, onTimeout, onStale, server);
    }

    @Test
    void aRootHashIsReadAsItStandsInAManifest() {
        // Given
        String hash = "ab".repeat(20) + "-shake128";
        WaitRequest request = new WaitRequest(
                "sw.example.org", null, null, hash, List.of(), "any", Duration.ofMinutes(1), "fail", "wait", null);

        // When
        WaitState state = begin(request);

        // Then
        assertThat(state.snapshot().condition().target()).hasToString("root hash " + hash);
    }

    @Test
    void aRootHashMayHaveItsRevisionSoThatReplicasPastItCount() {
        // Given
        String hash = "ab".repeat(20);
        WaitRequest request = new WaitRequest(
                "sw.example.org", 7L, null, hash, List.of(), "any", Duration.ofMinutes(1), "fail", "wait", null);

        // When
        WaitState state = begin(request);

        // Then
        assertThat(state.snapshot().condition().target())
                .isEqualTo(new Target.RootHash(ContentHash.parse(hash), new Revision(7)));
    }

    @Test
    void aForgottenRepositoryIsToldInASentence() {
        // Given
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep(null);

        // When, Then
        assertThatThrownBy(() -> new RepositoryName(step.getRepository())).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void theRequirementIsTextOrANumber() {
        // Given
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep("sw.example.org");

        // When
        step.setRequire(2);

        // Then
        assertThat(step.getRequire()).isEqualTo("2");
    }

    @Test
    void theStepHandsOverWhatThePipelineSays() {
        // Given
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep(" sw.example.org ");

        // When
        step.setRequire(" ");
        step.setOnTimeout(null);
        step.setServer("");

        // Then
        assertThat(step.getRepository()).isEqualTo("sw.example.org");
        assertThat(step.getRequire()).isEqualTo("all");
        assertThat(step.getOnTimeout()).isEqualTo("fail");
        assertThat(step.getOnStale()).isEqualTo("wait");
        assertThat(step.getServer()).isNull();
        assertThat(step.getReplicas()).isEmpty();
    }
}
