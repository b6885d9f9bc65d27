package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.OptionSpec;

class ManualCommandTest {

    @ParameterizedTest
    @MethodSource("commands")
    void aPageHasEverySectionOfItsKindAndEveryOption(String command) {
        String page = CommandRun.of("manual", command).out();

        assertThat(page)
                .startsWith(".TH NOTIFY-PROXY-" + command.toUpperCase(Locale.ROOT))
                .contains(".SH \"NAME\"", ".SH \"SYNOPSIS\"", ".SH \"EXIT STATUS\"", ".SH \"EXAMPLES\"");
        assertThat(RootCommand.commandLine(Map.of())
                        .getSubcommands()
                        .get(command)
                        .getCommandSpec()
                        .options())
                .extracting(OptionSpec::longestName)
                .allSatisfy(option -> assertThat(page).contains(option.replace("-", "\\-")));
        assertThat(page).doesNotContain("${", "@|", "%n");
    }

    static String[] commands() {
        return RootCommandTest.commands();
    }

    /** A line that begins with a dot or an apostrophe is a request to the formatter, and an unknown one is dropped. */
    @ParameterizedTest
    @MethodSource("commands")
    void noLineOfAPageIsAnUnintendedRequest(String command) {
        assertThat(CommandRun.of("manual", command).out().lines())
                .filteredOn(line -> line.startsWith(".") || line.startsWith("'"))
                .allMatch(line -> line.matches("\\.(TH|ad|nh|SH|B|TP|PP|nf|fi)( .*)?"));
    }

    @Test
    void allPagesGoIntoAFolder(@TempDir Path folder) throws IOException {
        CommandRun run = CommandRun.of("manual", "--all", folder.toString());

        assertThat(run.exitCode()).isZero();
        try (Stream<Path> pages = Files.list(folder)) {
            assertThat(pages.map(page -> page.getFileName().toString()))
                    .hasSize(commands().length + 1)
                    .contains("notify-proxy.1", "notify-proxy-wait.1");
        }
        assertThat(Files.readString(folder.resolve("notify-proxy.1")))
                .contains("\\fBwait\\fR", "\\fBnotify\\-proxy\\-wait\\fR(1)");
    }

    @Test
    void anUnknownCommandIsRefused() {
        CommandRun run = CommandRun.of("manual", "wiat");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("there is no command 'wiat'");
    }

    @Test
    void completionKnowsCommandsAndOptions() {
        assertThat(CommandRun.of("completion").out())
                .contains("complete -F _complete_notify-proxy", "check-config", "--on-stale");
    }
}
