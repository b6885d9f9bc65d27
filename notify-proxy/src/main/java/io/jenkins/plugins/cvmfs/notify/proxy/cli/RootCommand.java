package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.BuildInfo;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The whole command line: its commands, the types of their arguments, and the reports of their failures. */
@Command(
        name = "notify-proxy",
        versionProvider = RootCommand.VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Announces new revisions of CernVM-FS repositories, and waits until they can be read.",
            "",
            "'serve' is the service that publishers and subscribers connect to; the other commands are its clients and"
                    + " tools."
        },
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes of every command; others are in its help:%n",
        exitCodeList = {
            "0:done",
            "1:the arguments or the configuration are wrong",
            "70:any other error, such as output that cannot be written"
        },
        footerHeading = "%nTo see it work, without any other machine or file:%n",
        footer = {
            "  notify-proxy demo",
            "",
            "'notify-proxy help COMMAND' explains a command, with examples and exit codes."
        })
final class RootCommand implements Callable<Integer> {

    /** A command. Results go to standard output, everything else to standard error. */
    abstract static class Base implements Callable<Integer> {

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        CommandSpec spec;

        /** The environment variables. */
        @SuppressWarnings("NullAway.Init") // set before the command runs
        Map<String, String> environment;

        final PrintWriter out() {
            return spec.commandLine().getOut();
        }

        final PrintWriter err() {
            return spec.commandLine().getErr();
        }

        /** Returns the command with this name, or the whole program for none. */
        final CommandLine command(@Nullable String name) {
            CommandLine root = spec.root().commandLine();
            CommandLine found = name == null ? root : root.getSubcommands().get(name);
            if (found == null) {
                throw new ParameterException(
                        root, "there is no command '%s'".formatted(Excerpt.of(String.valueOf(name))));
            }
            return found;
        }

        /** Tells the user something besides the result. */
        final void notice(String sentences) {
            print(err(), sentences);
        }
    }

    /** The words that a shell completes for a {@link SubscriberSettings.Protocol}. */
    static final class Protocols implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return List.of("auto", "websocket", "sse").iterator();
        }
    }

    /** Commands that run or describe other commands. */
    private static final Set<String> NEED_OTHERS = Set.of("notify", "completion", "manual", "help");

    private static final int NAME_WIDTH = 18;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    private RootCommand() {}

    /** The commands as the help text groups them; the others are hidden. */
    private static final Map<String, List<String>> GROUPS = groups();

    private static Map<String, List<String>> groups() {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("The service", List.of("serve", "check-config", "token", "setup-broker"));
        groups.put("Announcing", List.of("publish", "hook", "forget"));
        groups.put("Following", List.of("subscribe", "wait", "verify"));
        groups.put("Trying and help", List.of("demo", "help", "version", "completion"));
        groups.put("For existing scripts", List.of("notify"));
        return groups;
    }

    /** The commands in the order of the manual page. */
    private static Map<String, Supplier<Base>> commands() {
        Map<String, Supplier<Base>> commands = new LinkedHashMap<>();
        commands.put("serve", ServeCommand::new);
        commands.put("publish", PublishCommand::new);
        commands.put("hook", HookCommand::new);
        commands.put("subscribe", SubscribeCommand::new);
        commands.put("wait", WaitCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("forget", ForgetCommand::new);
        commands.put("check-config", CheckConfigCommand::new);
        commands.put("token", TokenCommand::new);
        commands.put("setup-broker", SetupBrokerCommand::new);
        commands.put("demo", DemoCommand::new);
        commands.put("notify", NotifyCommand::new);
        commands.put("completion", Completion::new);
        commands.put("manual", ManualCommand::new);
        commands.put("version", Version::new);
        commands.put("help", Help::new);
        return commands;
    }

    /** @param environment the environment variables that the commands read */
    static CommandLine commandLine(Map<String, String> environment) {
        return commandLine(environment, commands());
    }

    /** Returns a command line with only the named command, if that needs no other: to build them all takes a while. */
    static CommandLine commandLineFor(Map<String, String> environment, String... arguments) {
        Map<String, Supplier<Base>> commands = commands();
        if (arguments.length > 0 && !NEED_OTHERS.contains(arguments[0]) && commands.containsKey(arguments[0])) {
            commands.keySet().retainAll(Set.of(arguments[0]));
        }
        return commandLine(environment, commands);
    }

    private static CommandLine commandLine(Map<String, String> environment, Map<String, Supplier<Base>> commands) {
        CommandLine root = new CommandLine(new RootCommand());
        commands.forEach((name, command) -> {
            Base made = command.get();
            made.environment = environment;
            CommandLine line = new CommandLine(made);
            line.getCommandSpec().usageMessage().footerHeading("%nExamples:%n").exitCodeListHeading("%nExit codes:%n");
            line.setOverwrittenOptionsAllowed(name.equals("notify"));
            root.addSubcommand(name, line);
        });
        registerTypes(root);
        root.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
        root.setParameterExceptionHandler((failure, arguments) -> report(failure));
        root.setUsageHelpAutoWidth(true);
        root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, RootCommand::commandList);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    private static String commandList(CommandLine.Help help) {
        Map<String, CommandLine.Help> commands = help.subcommands();
        int width = help.commandSpec().usageMessage().width();
        StringBuilder list = new StringBuilder();
        GROUPS.forEach((group, names) -> {
            TextTable table = TextTable.forColumns(
                    help.colorScheme(),
                    new Column(NAME_WIDTH, 4, Column.Overflow.SPAN),
                    new Column(width - NAME_WIDTH, 2, Column.Overflow.WRAP));
            for (String name : names) {
                CommandLine.Help command = commands.get(name);
                if (command != null) {
                    table.addRowValues(name, summary(command.commandSpec()));
                }
            }
            list.append("  %s:%n".formatted(group)).append(table);
        });
        return list.toString();
    }

    /** Returns the first sentence of a command's description, up to a colon, without the full stop. */
    static String summary(CommandSpec command) {
        return command.usageMessage().description()[0].replaceFirst("[.:]( .*)?$", "");
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /** Invalid arguments are refused before a command starts. Applies to the subcommands added so far. */
    private static void registerTypes(CommandLine root) {
        root.registerConverter(Duration.class, parsing(DurationText::parse));
        root.registerConverter(NotificationServer.class, parsing(NotificationServer::parse));
        root.registerConverter(RepositoryLocation.class, parsing(RepositoryLocation::parse));
        root.registerConverter(HttpCache.class, parsing(HttpCache::parse));
        root.registerConverter(RepositoryName.class, parsing(RepositoryName::new));
        root.registerConverter(Revision.class, parsing(Revision::parse));
        root.registerConverter(ContentHash.class, parsing(ContentHash::parse));
        root.registerConverter(SubscriberSettings.Protocol.class, parsing(RootCommand::protocol));
        root.registerConverter(Requirement.class, parsing(Requirement::new));
        root.registerConverter(Replica.class, parsing(RootCommand::replica));
    }

    private static SubscriberSettings.Protocol protocol(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "auto" -> SubscriberSettings.Protocol.AUTO;
            case "websocket" -> SubscriberSettings.Protocol.WEBSOCKET;
            case "sse" -> SubscriberSettings.Protocol.EVENT_STREAM;
            default ->
                throw new InvalidInputException("'%s' is not one of auto, websocket, sse".formatted(Excerpt.of(text)));
        };
    }

    private static Replica replica(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new InvalidInputException("'%s' is not NAME=URL".formatted(Excerpt.of(text)));
        }
        return new Replica(text.substring(0, equals), text.substring(equals + 1));
    }

    private static <T> ITypeConverter<T> parsing(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (InvalidInputException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }

    private static int report(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        print(command.getErr(), String.valueOf(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        suggestHelp(command);
        return ExitCode.USAGE;
    }

    /** Expected failures are a few lines with what to do next; faults of the program have a stack trace. */
    static int report(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        if (failure instanceof CommandFailure expected) {
            print(err, String.valueOf(expected.getMessage()));
            print(err, expected.next());
            return expected.exitCode();
        } else if (failure instanceof NotifyException expected) {
            print(err, String.valueOf(expected.getMessage()));
            suggestHelp(command);
            return expected instanceof InvalidInputException ? ExitCode.USAGE : ExitCode.FAILED;
        }
        print(err, "internal error; please report it with the stack trace below");
        failure.printStackTrace(err);
        return ExitCode.FAILED;
    }

    private static void suggestHelp(CommandLine command) {
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }

    private static void print(PrintWriter err, String message) {
        message.lines().forEach(line -> err.println("notify-proxy: " + line));
        err.flush();
    }

    @Command(
            name = "completion",
            description = {
                "Prints a script that lets bash or zsh complete the commands and options of this program.",
                "The packages install it; with the jar alone, source it in the shell's start file."
            },
            footer = {
                "  source <(notify-proxy completion)",
                "  notify-proxy completion > \\",
                "      ~/.local/share/bash-completion/completions/notify-proxy"
            },
            exitCodeList = {"0:always"})
    private static final class Completion extends Base {

        @Override
        public Integer call() {
            out().println(AutoComplete.bash("notify-proxy", spec.root().commandLine()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "help",
            description = "Explains a command, with examples and exit codes; without a name, lists the commands.",
            footer = {"  notify-proxy help", "  notify-proxy help publish"},
            exitCodeList = {"0:always", "1:there is no such command"})
    private static final class Help extends Base {

        @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command.")
        private @Nullable String command;

        @Override
        public Integer call() {
            command(command).usage(out());
            return ExitCode.OK;
        }
    }

    @Command(
            name = "version",
            description =
                    "Prints the version, the commit it was built from, the commit's time, and the Java that runs it.",
            footer = {"  notify-proxy version", "  notify-proxy version --json | jq -r .commit"},
            exitCodeList = {"0:always"})
    private static final class Version extends Base {

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            if (json) {
                out().println(Output.object()
                        .put("version", BuildInfo.version())
                        .put("commit", BuildInfo.commit())
                        .put("commit_date", BuildInfo.commitDate())
                        .put("java", Runtime.version().toString())
                        .put("java_vendor", System.getProperty("java.vendor")));
            } else {
                Stream.of(new VersionText().getVersion()).forEach(out()::println);
            }
            return ExitCode.OK;
        }
    }

    /** The text of {@code --version}. */
    static final class VersionText implements IVersionProvider {

        private static String origin() {
            return BuildInfo.commit().equals(BuildInfo.UNKNOWN)
                    ? "commit unknown"
                    : "commit %s of %s".formatted(BuildInfo.commit(), BuildInfo.commitDate());
        }

        @Override
        public String[] getVersion() {
            return new String[] {
                "notify-proxy %s (%s)".formatted(BuildInfo.version(), origin()),
                "Java %s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor"))
            };
        }
    }
}
