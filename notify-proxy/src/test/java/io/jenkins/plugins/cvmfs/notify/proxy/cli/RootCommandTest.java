package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class RootCommandTest {

    @Test
    void withoutACommandItSaysWhatIsThereAndFails() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("say which command", "notify-proxy --help");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aMistypedCommandIsAnsweredWithTheNearestOne() {
        CommandRun run = CommandRun.of("check-confg");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("check-config");
    }

    @Test
    void helpGoesToStandardOutput() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Commands:", "notify-proxy demo");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfAndItsExitCodes(String name) {
        CommandRun run = CommandRun.of(name, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Usage: notify-proxy " + name).contains("Exit codes:", "Examples:");
        assertThat(run.out().lines()).as("fits a terminal").allMatch(line -> line.length() <= 120);
    }

    static String[] commands() {
        return RootCommand.commandLine(Map.of()).getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .map(CommandSpec::name)
                .toArray(String[]::new);
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(CommandRun.of("version").out())
                .containsPattern(
                        "^notify-proxy \\d+\\.\\d+\\S* \\(commit (unknown|[0-9a-f]{12}(-dirty)?)\\)\nJava 1?\\d");
        assertThat(CommandRun.of("--version").out())
                .isEqualTo(CommandRun.of("version").out());
        assertThat(CommandRun.of("version", "--json").out())
                .containsPattern("^\\{\"version\":\"\\d.*\"commit\":\".*\"java\":\"\\d");
    }
}
