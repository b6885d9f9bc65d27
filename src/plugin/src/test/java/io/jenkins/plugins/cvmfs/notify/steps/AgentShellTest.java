package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An agent that cannot be reached is waited for: its command goes on, so it must neither be given up nor aborted. A command runs
 * once, however often it is started.
 */
final class AgentShellTest {

    @TempDir
    private Path folder;

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

    @Test
    void anAgentThatDoesNotAnswerDoesNotKeepTheThread() {
        // Given
        ScriptedContext context = new ScriptedContext(new IllegalStateException("not reached"));
        context.answers = new CountDownLatch(1);
        AgentShell shell = new AgentShell(context, state, new RecordingBuild(), Duration.ofMillis(20));

        // When, Then
        assertThatThrownBy(shell::look)
                .isInstanceOf(TransientFailureException.class)
                .hasMessageStartingWith("no answer from the agent publisher-1 within");
        assertThat(Thread.interrupted()).isFalse();
    }

    private Process script(Path workspace) throws IOException {
        String script = new AgentShell(new ScriptedContext(new IOException()), state, new RecordingBuild()).script();
        Path file = Files.writeString(Files.createTempFile(folder, "script", ".sh"), script);
        ProcessBuilder builder = new ProcessBuilder("sh", file.toString()).directory(workspace.toFile());
        builder.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private Path workspace() throws IOException {
        return Files.createDirectory(folder.resolve("workspace"));
    }

    /** Where the scripts keep what they know of the command. */
    private Path run() {
        return folder.resolve("workspace@tmp/cvmfs-transaction-" + state.id() + "/opening-0");
    }

    @Test
    void aProcessThatGotTheNumberOfTheLostCommandIsNotTakenForIt() throws Exception {
        // Given a machine that was restarted
        Path workspace = workspace();
        Files.createDirectories(run());
        Files.writeString(run().resolve("pid"), ProcessHandle.current().pid() + "\n");
        Files.writeString(run().resolve("start"), "another boot\n17\n");

        // When
        Process process = script(workspace);

        // Then
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(TransactionState.Exit.LOST);
    }

    /** The output of cvmfs_server and its exit status. */
    static Stream<Arguments> busy() {
        return Stream.of(
                Arguments.of("lease path busy", 16, TransactionState.Exit.BUSY),
                Arguments.of(
                        "Repository sw.example.org is already in a transaction",
                        1,
                        TransactionState.Exit.OPEN_ALREADY));
    }

    @ParameterizedTest
    @MethodSource("busy")
    void aBusyRepositoryFillsNoMoreThanALineAMinuteOfTheConsole(String line, int status, int exit) throws Exception {
        // Given
        Path workspace = workspace();
        server("echo '%s'\nexit %d".formatted(line, status));
        List<String> printed = new ArrayList<>();

        // When
        for (int attempt = 0; attempt < 8; attempt++) {
            assertThat(script(workspace).waitFor()).isEqualTo(exit);
            printed.add(Files.readString(folder.resolve("output")));
            state.wasBusy(Instant.parse("2026-11-24T10:00:00Z"));
        }

        // Then it is tried again every 10 s
        assertThat(printed).containsExactly(line + "\n", "", "", "", "", "", line + "\n", "");
    }

    @ParameterizedTest
    @CsvSource({"3,no space left on device", "0,the transaction is open"})
    void whatATransactionThatIsNotBusyPrintsIsNotLeftOut(int status, String line) throws Exception {
        // Given
        state.wasBusy(Instant.parse("2026-11-24T10:00:00Z"));
        server("echo '%s'\nexit %d".formatted(line, status));

        // When
        int exit = script(workspace()).waitFor();

        // Then
        assertThat(exit).isEqualTo(status);
        assertThat(folder.resolve("output")).hasContent(line);
    }

    @Test
    void aTransactionThatPrintsNothingLeavesNoEmptyLine() throws Exception {
        // Given
        server("exit 0");

        // When
        int exit = script(workspace()).waitFor();

        // Then
        assertThat(exit).isZero();
        assertThat(folder.resolve("output")).isEmptyFile();
    }

    private void server(String commands) throws IOException {
        Path server = Files.writeString(folder.resolve("cvmfs_server"), "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(server, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aSecondRunWaitsForTheFirstAndHasItsStatus() throws Exception {
        // Given
        Path workspace = workspace();
        server("""
                echo "$*" >> '%1$s/commands'
                while [ ! -e '%1$s/go' ]; do sleep 0.1; done
                exit 3
                """.formatted(folder));
        Process first = script(workspace);
        await().until(() -> Files.exists(folder.resolve("commands")));

        // When
        Process second = script(workspace);
        boolean waits = !second.waitFor(100, TimeUnit.MILLISECONDS);
        Files.createFile(folder.resolve("go"));

        // Then
        assertThat(waits).isTrue();
        assertThat(first.waitFor()).isEqualTo(3);
        assertThat(second.waitFor()).isEqualTo(3);
        assertThat(folder.resolve("commands")).hasContent("transaction sw.example.org");
    }
}
