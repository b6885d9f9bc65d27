package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.DefinitionsFile;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.ManagementApi;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.SetupReport;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "setup-broker",
        description = {
            "Makes a RabbitMQ ready for 'serve': virtual host, users, permissions, exchange, stream and policies, with the names of"
                    + " the configuration, through the broker's management API.",
            "",
            "Prints what it did, one line each. Doing it again changes nothing, and repairs what has changed since."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy setup-broker --password-file /etc/cvmfs/notify/amqp.pass \\",
            "      --admin admin --admin-password-file admin.pass --dry-run",
            "  notify-proxy setup-broker --config config.json --rights queue",
            "  notify-proxy setup-broker --print-definitions > definitions.json"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the broker has everything; with --dry-run: it could have",
            "1:the configuration or the arguments are wrong",
            "12:the broker cannot be reached, refuses something, or has something in the way"
        })
final class SetupBrokerCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ConfigFileOptions configFile = new ConfigFileOptions();

    @Mixin
    private ManagementOptions management = new ManagementOptions();

    @Mixin
    private BrokerPlanOptions planned = new BrokerPlanOptions();

    @Option(names = "--dry-run", description = "Print what would be done, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--print-definitions",
            description =
                    "Print the same as a definitions file for RabbitMQ, which then needs no management API. It holds the"
                            + " passwords' salted hashes.")
    private boolean printDefinitions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    SetupBrokerCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        LoadedConfig loaded = ConfigLoader.loadBeforeSecrets(configFile.sources(environment, List.of(), true));
        PrintWriter err = spec.commandLine().getErr();
        loaded.warnings().forEach(warning -> err.println("warning: " + warning));
        BrokerPlan plan = planned.plan(loaded, management.admin());
        if (printDefinitions) {
            return definitions(plan);
        }
        ManagementApi api = management.api(loaded.config().amqp(), environment);
        SetupReport report = setUp(api, plan);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.of(SetupLines.json(report, dryRun)));
        } else {
            SetupLines.text(report, dryRun).forEach(out::println);
            report.notes().forEach(note -> err.println("note: " + note));
        }
        return report.hasConflict() ? ExitCode.SETUP_FAILED : ExitCode.OK;
    }

    private int definitions(BrokerPlan plan) {
        if (dryRun) {
            throw new InvalidInputException("--print-definitions talks to no broker; leave --dry-run out");
        }
        ObjectNode definitions = DefinitionsFile.of(plan);
        spec.commandLine().getOut().println(definitions.toPrettyString());
        return ExitCode.OK;
    }

    private SetupReport setUp(ManagementApi api, BrokerPlan plan) {
        try {
            BrokerSetup setup = BrokerSetup.compare(api, plan);
            if (!dryRun) {
                setup.apply();
            }
            return setup.report();
        } catch (InvalidInputException e) {
            throw e;
        } catch (NotifyException e) {
            throw new CommandFailure(
                    ExitCode.SETUP_FAILED,
                    String.valueOf(e.getMessage()),
                    "What is done stays; run it again afterwards. --management and --admin say where and as whom it is done.",
                    e);
        }
    }
}
