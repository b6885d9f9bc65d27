package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.admin.BuildInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "manual",
        hidden = true, // for the build of the packages
        description = {
            "Prints the manual page of this program, or of one of its commands, in the format of man.",
            "For the build of the packages, which install the pages: 'man notify-proxy-wait'."
        },
        footer = {"  notify-proxy manual wait | man -l -", "  notify-proxy manual --all ~/.local/share/man/man1"},
        exitCodeList = {"0:always", "1:the arguments are wrong"})
final class ManualCommand extends RootCommand.Base {

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command; without it, the whole program.")
    private @Nullable String command;

    @Option(names = "--all", paramLabel = "DIR", description = "Write all pages into this folder instead.")
    private @Nullable Path folder;

    @Option(names = "--gzip", description = "With '--all': compress them, as packages do.")
    private boolean compressed;

    @Override
    public Integer call() throws IOException {
        if (folder == null) {
            out().print(Page.of(command(command)));
            out().flush();
            return ExitCode.OK;
        }
        Files.createDirectories(folder);
        CommandLine root = command(null);
        write(root, folder);
        for (CommandLine each : root.getSubcommands().values()) {
            write(each, folder);
        }
        return ExitCode.OK;
    }

    private void write(CommandLine command, Path folder) throws IOException {
        Path file = folder.resolve(Page.name(command) + (compressed ? ".1.gz" : ".1"));
        try (OutputStream bytes = Files.newOutputStream(file);
                OutputStream out = compressed ? new GZIPOutputStream(bytes) : bytes) {
            out.write(Page.of(command).getBytes(UTF_8));
        }
    }

    /**
     * The manual page of a command, in the man(7) language, generated from the same model as its {@code --help}.
     */
    private static final class Page {

        private static final int WIDEST = 1000;

        private final StringBuilder text = new StringBuilder();
        private final CommandLine command;
        private final UsageMessageSpec usage;

        private Page(CommandLine command) {
            this.command = command;
            this.usage = command.getCommandSpec().usageMessage();
        }

        /** Returns the page's name, such as {@code notify-proxy-wait}. */
        static String name(CommandLine command) {
            return command.getCommandSpec().qualifiedName("-");
        }

        static String of(CommandLine command) {
            return new Page(command).text();
        }

        private String text() {
            String name = name(command);
            line(".TH %s 1 \"\" \"notify-proxy %s\" \"CernVM-FS notifications\""
                    .formatted(name.toUpperCase(Locale.ROOT), BuildInfo.version()));
            line(".ad l");
            line(".nh");
            section("NAME");
            line(escaped(name) + " \\- " + escaped(RootCommand.summary(command.getCommandSpec())));
            section("SYNOPSIS");
            line(".B " + escaped(synopsis()));
            section("DESCRIPTION");
            paragraphs(usage.description());
            arguments();
            commands();
            exitCodes();
            footer();
            seeAlso();
            return text.toString();
        }

        private String synopsis() {
            CommandSpec spec = command.getCommandSpec();
            int before = usage.width();
            usage.width(WIDEST);
            try {
                return new Help(spec, Help.defaultColorScheme(Ansi.OFF))
                        .synopsis(0)
                        .strip();
            } finally {
                usage.width(before);
            }
        }

        private void arguments() {
            List<ArgSpec> arguments = Stream.<ArgSpec>concat(
                            command.getCommandSpec().positionalParameters().stream(),
                            command.getCommandSpec().options().stream())
                    .filter(argument -> !argument.hidden())
                    .toList();
            if (!arguments.isEmpty()) {
                section("OPTIONS");
                arguments.forEach(argument -> item(label(argument), List.of(argument.description())));
            }
        }

        private static String label(ArgSpec argument) {
            String parameter = argument.arity().max() > 0 ? argument.paramLabel() : "";
            if (argument instanceof OptionSpec option) {
                String names = String.join(", ", option.names());
                return parameter.isEmpty() ? names : names + " " + parameter;
            }
            return parameter;
        }

        private void commands() {
            Collection<CommandLine> commands = command.getSubcommands().values();
            if (!commands.isEmpty()) {
                section("COMMANDS");
                commands.forEach(each -> item(
                        each.getCommandName(),
                        List.of(RootCommand.summary(each.getCommandSpec()) + ". See " + name(each) + "(1).")));
            }
        }

        private void exitCodes() {
            Map<String, String> codes = usage.exitCodeList();
            if (!codes.isEmpty()) {
                section("EXIT STATUS");
                codes.forEach((code, meaning) -> item(code, List.of(meaning)));
            }
        }

        private void footer() {
            String heading = usage.footerHeading().formatted().strip().replaceFirst(":$", "");
            if (usage.footer().length > 0) {
                section(heading.toUpperCase(Locale.ROOT));
                line(".nf");
                Stream.of(usage.footer()).map(Page::escaped).forEach(this::line);
                line(".fi");
            }
        }

        private void seeAlso() {
            section("SEE ALSO");
            CommandLine parent = command.getParent();
            Stream<CommandLine> others =
                    parent == null ? command.getSubcommands().values().stream() : Stream.of(parent);
            line(others.map(each -> "\\fB" + escaped(name(each)) + "\\fR(1)").collect(Collectors.joining(", ")));
        }

        private void section(String title) {
            line(".SH \"" + escaped(title) + "\"");
        }

        private void item(String label, List<String> paragraphs) {
            line(".TP");
            line("\\fB" + escaped(label) + "\\fR");
            paragraphs.stream()
                    .filter(each -> !each.isBlank())
                    .map(Page::escaped)
                    .forEach(this::line);
        }

        private void paragraphs(String[] paragraphs) {
            for (String paragraph : paragraphs) {
                line(paragraph.isEmpty() ? ".PP" : escaped(paragraph));
            }
        }

        private void line(String line) {
            text.append(line).append('\n');
        }

        /** A line that begins with a dot or an apostrophe is a request; a bare hyphen is typeset as one. */
        private static String escaped(String plain) {
            String escaped = plain.replace("\\", "\\e").replace("-", "\\-").replace("%n", " ");
            return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
        }
    }
}
