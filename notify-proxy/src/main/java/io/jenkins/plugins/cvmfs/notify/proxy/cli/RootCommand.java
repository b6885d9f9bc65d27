package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "notify-proxy",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Announces new revisions of CernVM-FS repositories, and waits until they can be read.",
            "",
            "'serve' is the service that publishers and subscribers talk to; the other commands talk to it."
        },
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nTo see it work, without any other machine or file:%n",
        footer = {
            "  notify-proxy demo",
            "",
            "'notify-proxy COMMAND --help' explains a command, with examples and exit codes."
        })
final class RootCommand implements Callable<Integer> {

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

    /**
     * The whole command line.
     *
     * @param environment the environment variables that the commands look at
     */
    static CommandLine commandLine(Map<String, String> environment) {
        FailureReport failures = new FailureReport();
        CommandLine root = new CommandLine(new RootCommand());
        root.addSubcommand(new ServeCommand(environment));
        root.addSubcommand(new PublishCommand(environment));
        root.addSubcommand(new SubscribeCommand(environment));
        root.addSubcommand(new WaitCommand(environment));
        root.addSubcommand(new VerifyCommand());
        root.addSubcommand(new ForgetCommand(environment));
        root.addSubcommand(new CheckConfigCommand(environment));
        root.addSubcommand(new TokenCommand());
        root.addSubcommand(new SetupBrokerCommand(environment));
        root.addSubcommand(new DemoCommand());
        root.addSubcommand(new CommandLine(new NotifyCommand()).setOverwrittenOptionsAllowed(true));
        root.addSubcommand(new CompletionCommand());
        root.addSubcommand(new ManualCommand());
        root.addSubcommand(new VersionCommand());
        ArgumentTypes.register(root);
        root.setExecutionExceptionHandler(failures);
        root.setParameterExceptionHandler(failures);
        root.setUsageHelpAutoWidth(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say which command");
    }
}
