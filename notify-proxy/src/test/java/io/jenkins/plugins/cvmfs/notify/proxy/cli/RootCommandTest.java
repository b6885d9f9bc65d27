package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;

class RootCommandTest {

    @Test
    void withoutACommandItFailsAndListsTheCommands() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("Commands:", "notify-proxy demo", "notify-proxy help COMMAND");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void theOverviewHasEachCommandOnceInItsGroupAndTheCommonExitCodes() {
        String overview = CommandRun.of("help").out();

        assertThat(overview)
                .containsSubsequence("The service:", "serve ", "Announcing:", "publish ", "Following:", "wait ")
                .containsPattern("Exit codes.*:\n  0 +done\n  1 +the arguments");
        assertThat(Stream.of(commands()).filter(name -> !name.equals("manual")))
                .allSatisfy(name -> assertThat(overview.lines()
                                .filter(line -> line.matches("    " + name + " +[A-Z].*"))
                                .count())
                        .as(name)
                        .isOne());
    }

    @Test
    void helpExplainsACommand() {
        CommandRun run = CommandRun.of("help", "publish");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .isEqualTo(CommandRun.of("publish", "--help").out())
                .contains("Examples:");
        assertThat(CommandRun.of("help").out())
                .isEqualTo(CommandRun.of("--help").out());
    }

    @Test
    void helpForAnUnknownCommandFails() {
        CommandRun run = CommandRun.of("help", "publsh");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("there is no command 'publsh'", "notify-proxy --help");
    }

    @Test
    void aMistypedCommandGetsASuggestion() {
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
    void everyCommandHasHelpWithExamplesAndExitCodes(String name) {
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

    /** A shell that copied the two halves would run neither. */
    @ParameterizedTest
    @MethodSource("commands")
    void noLineOfAnExampleIsWrappedInAnOrdinaryTerminal(String name) {
        CommandSpec command =
                RootCommand.commandLine(Map.of()).getSubcommands().get(name).getCommandSpec();

        assertThat(command.usageMessage().footer()).isNotEmpty().allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCompletionIsAccepted(String name) {
        CommandLine root = RootCommand.commandLine(Map.of());

        root.getSubcommands().get(name).getCommandSpec().options().stream()
                .filter(option -> option.completionCandidates() != null)
                .forEach(option -> assertThat(option.completionCandidates()).allSatisfy(word -> {
                    assertThat(word).isLowerCase();
                    Throwable refusal = catchThrowable(() -> root.parseArgs(name, option.longestName(), word));
                    assertThat(refusal == null || refusal instanceof MissingParameterException)
                            .as("%s %s: %s", option.longestName(), word, refusal)
                            .isTrue();
                }));
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(CommandRun.of("version").out())
                .containsPattern(
                        "^notify-proxy \\d+\\.\\d+\\S* \\(commit (unknown|[0-9a-f]{12}(-dirty)? of 20\\d\\d-\\d\\d-\\d\\dT[0-9:]{8}Z)\\)\nJava 1?\\d");
        assertThat(CommandRun.of("--version").out())
                .isEqualTo(CommandRun.of("version").out());
        assertThat(CommandRun.of("version", "--json").out())
                .containsPattern("^\\{\"version\":\"\\d.*\"commit\":\".*\"commit_date\":\".*\"java\":\"\\d");
    }
}
