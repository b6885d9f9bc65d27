package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Report;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Step;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.ManagementApi;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "setup-broker",
        description = {
            "Prepares a RabbitMQ for 'serve' through the broker's management API: virtual host, users, permissions, exchange, stream"
                    + " and policies, with the names in the configuration.",
            "",
            "Prints one line for each. Running it again changes nothing, and repairs what has changed since."
        },
        footer = {
            "  notify-proxy setup-broker --password-file /etc/cvmfs/notify/amqp.pass \\",
            "      --admin admin --admin-password-file admin.pass --dry-run",
            "  notify-proxy setup-broker --config config.json --rights queue",
            "  notify-proxy setup-broker --print-definitions > definitions.json"
        },
        exitCodeList = {
            "0:the broker is ready; with --dry-run: it can be made ready",
            "1:the configuration or the arguments are wrong",
            "12:the broker cannot be reached, refuses something, or has a conflicting object"
        })
final class SetupBrokerCommand extends RootCommand.Base {

    @Mixin
    private ConfigOptions.FileOptions configFile = new ConfigOptions.FileOptions();

    @Mixin
    private BrokerOptions options = new BrokerOptions();

    @Option(names = "--dry-run", description = "Print what would be done, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--print-definitions",
            description =
                    "Instead of using the management API, print a definitions file, which RabbitMQ loads itself. It"
                            + " contains the passwords' salted hashes.")
    private boolean printDefinitions;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        LoadedConfig loaded = ConfigLoader.loadBeforeSecrets(configFile.sources(environment, List.of(), true));
        loaded.warnings().forEach(warning -> err().println("warning: " + warning));
        BrokerPlan plan = options.plan(loaded);
        if (printDefinitions) {
            if (dryRun) {
                throw new InvalidInputException("--print-definitions does not contact a broker; leave --dry-run out");
            }
            out().println(plan.definitions().toPrettyString());
            return ExitCode.OK;
        }
        Report report = setUp(options.api(loaded.config().amqp(), environment), plan);
        if (json) {
            out().println(JsonOutput.line(json(report)));
        } else {
            printText(report);
            report.notes().forEach(note -> err().println("note: " + note));
        }
        return report.hasConflict() ? ExitCode.SETUP_FAILED : ExitCode.OK;
    }

    private Report setUp(ManagementApi api, BrokerPlan plan) {
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
                    "Fix this and run the command again; earlier changes stay. --management and --admin name the API and the user.",
                    e);
        }
    }

    private void printText(Report report) {
        for (Step step : report.steps()) {
            String word = dryRun
                    ? switch (step.outcome()) {
                        case CREATED -> "would create";
                        case CHANGED -> "would change";
                        default -> name(step.outcome());
                    }
                    : name(step.outcome());
            String detail = step.detail().isEmpty() ? "" : ": " + step.detail();
            out().println("%-13s %-10s %s%s".formatted(word, step.kind(), step.name(), detail));
        }
        out().println((dryRun
                        ? "dry run: would create %d, change %d, leave %d unchanged%s"
                        : "done: %d created, %d changed, %d unchanged%s")
                .formatted(
                        report.count(Outcome.CREATED),
                        report.count(Outcome.CHANGED),
                        report.count(Outcome.UNCHANGED),
                        report.hasConflict() ? ", %d in conflict".formatted(report.count(Outcome.CONFLICT)) : ""));
    }

    private ObjectNode json(Report report) {
        ObjectNode all = JsonOutput.object().put("dry_run", dryRun).put("rabbitmq_version", report.version());
        for (Outcome outcome : Outcome.values()) {
            all.put(name(outcome), report.count(outcome));
        }
        ArrayNode steps = all.putArray("steps");
        for (Step step : report.steps()) {
            steps.addObject()
                    .put("kind", step.kind())
                    .put("name", step.name())
                    .put("outcome", name(step.outcome()))
                    .put("detail", step.detail());
        }
        ArrayNode notes = all.putArray("notes");
        report.notes().forEach(notes::add);
        return all;
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
