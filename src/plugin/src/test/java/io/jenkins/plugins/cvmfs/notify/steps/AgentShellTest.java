package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent that cannot be reached is waited for: its command goes on, so it must neither be given up nor aborted. */
final class AgentShellTest {

    private final TransactionState state = new CvmfsTransactionStep("sw.example.org")
            .prepare(Samples.sites(), Instant.parse("2026-11-24T10:00:00Z"), "publisher-1");

    /** Jenkins throws RequestAbortedException, which is unchecked and has the same cause. */
    static Stream<Exception> disconnections() {
        IOException closed = new IOException("the channel was closed");
        return Stream.of(closed, new UncheckedIOException(closed));
    }

    @ParameterizedTest
    @MethodSource("disconnections")
    void anAgentThatIsDisconnectedBeforeOrDuringACallMayComeBack(Exception disconnection) {
        AgentShell shell = new AgentShell(new ScriptedContext(disconnection), state, new RecordingBuild());

        assertThatThrownBy(shell::look)
                .isInstanceOf(TransientFailureException.class)
                .hasMessageStartingWith("cannot reach the agent publisher-1: ")
                .hasMessageContaining("the channel was closed");
    }
}
