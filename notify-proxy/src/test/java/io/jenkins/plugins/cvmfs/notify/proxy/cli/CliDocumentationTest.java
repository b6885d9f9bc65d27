package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** docs/cli.md must know every command, option and exit code. */
class CliDocumentationTest {

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasASectionThatNamesItsOptions(String name) throws IOException {
        String section = section(name);

        CommandSpec command =
                RootCommand.commandLine(Map.of()).getSubcommands().get(name).getCommandSpec();
        assertThat(command.options())
                .filteredOn(option -> !option.usageHelp())
                .extracting(OptionSpec::longestName)
                .allSatisfy(option -> assertThat(section).contains("`" + option));
    }

    static String[] commands() {
        return RootCommandTest.commands();
    }

    @Test
    void everyExitCodeIsExplained() throws IOException {
        String table = Files.readString(Path.of("../docs/cli.md"));

        for (Field code : ExitCode.class.getDeclaredFields()) {
            if (code.getType() == int.class) {
                assertThat(table).contains("\n| " + value(code) + " | ");
            }
        }
    }

    private static Object value(Field code) {
        try {
            return code.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String section(String command) throws IOException {
        String text = Files.readString(Path.of("../docs/cli.md"));
        String heading = "\n## `" + command + "`\n";
        assertThat(text).contains(heading);
        int start = text.indexOf(heading) + heading.length();
        int end = text.indexOf("\n## ", start);
        return end < 0 ? text.substring(start) : text.substring(start, end);
    }
}
