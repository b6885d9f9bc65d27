package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "wait",
        description = {
            "Waits until a revision of a repository can be read on the replicas that matter.",
            "",
            "A replica counts when it serves a manifest with the revision and the root catalog is there. The notification server"
                    + " only makes this command look sooner; without one it looks now and then."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy wait -u http://notify.example.org:4930/api/v1 \\",
            "      --repository software.example.org --revision 42 --timeout 30m \\",
            "      --replica a=http://site-a.example.org/cvmfs/software.example.org \\",
            "      --replica b=http://site-b.example.org/cvmfs/software.example.org",
            "  notify-proxy wait --transport poll --json \\",
            "      --repository software.example.org --after 41 \\",
            "      --replica local=http://stratum1.example.org/cvmfs/software.example.org"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:enough replicas have it; or it was withdrawn, with '--on-stale skip'",
            "1:the arguments are wrong",
            "3:the time limit came first",
            "11:it was withdrawn, with '--on-stale fail'"
        })
final class WaitCommand implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Option(names = "--repository", paramLabel = "NAME", required = true, description = "The repository's full name.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private RepositoryName repository;

    @Option(
            names = "--replica",
            paramLabel = "NAME=URL",
            required = true,
            description = {
                "A replica to look at: any name, and the URL or folder of the repository there. Once for each replica."
            })
    private List<Replica> replicas = new ArrayList<>();

    @Option(
            names = "--require",
            paramLabel = "HOW_MANY",
            description = "How many replicas must have it: all, majority, any or a number. Default: all.")
    private Requirement require = Requirement.ALL;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "When to give up, for example 30s or 5m; 0 to look just once. Default: 30m.")
    private Duration timeout = Duration.ofMinutes(30);

    @Option(
            names = "--on-stale",
            paramLabel = "POLICY",
            description = {
                "What to do when a replica shows that the revision was withdrawn: it serves a lower one that was published later."
                        + " wait: for it to come again; skip: end with 0; fail: end with 11. Default: ${DEFAULT-VALUE}."
            },
            defaultValue = "wait")
    private StalePolicy onStale = StalePolicy.WAIT;

    @Option(
            names = "--transport",
            paramLabel = "HOW",
            description = {
                "How to hear of new revisions: ${COMPLETION-CANDIDATES}; poll needs no server. Default: ${DEFAULT-VALUE}."
            },
            defaultValue = "auto")
    private WaitTransport transport = WaitTransport.AUTO;

    @Option(names = "--json", description = "Print the result as one JSON object, whatever it is.")
    private boolean json;

    WaitCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        Clock clock = Clock.systemUTC();
        SubscriberSettings settings = subscriber();
        Condition condition = new Condition(
                repository,
                target.target(),
                replicas,
                require,
                onStale,
                clock.instant().plus(timeout),
                null);
        int columns = Terminal.columns(System.console(), environment);
        try (Network network = Networks.open();
                WaitService room = WaitService.open(
                        network.repositoryReader(),
                        network::subscriber,
                        WaitSettings.DEFAULT,
                        clock,
                        new SplittableRandom());
                ProgressLines progress = new ProgressLines(spec.commandLine().getErr(), columns)) {
            return report(result(room.enter(condition, settings, progress), progress));
        }
    }

    private @Nullable SubscriberSettings subscriber() {
        return transport
                .protocol()
                .map(protocol -> SubscriberSettings.of(server.server(environment))
                        .withProtocol(protocol)
                        .withToken(server.token(environment)))
                .orElse(null);
    }

    private static GateReport result(Wait waiting, ProgressLines progress)
            throws InterruptedException, ExecutionException {
        CompletableFuture<GateReport> result = waiting.result();
        while (true) {
            try {
                return result.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException goingOn) {
                GateReport report = waiting.report();
                progress.status(report.waited(), report.missing());
            }
        }
    }

    private int report(GateReport report) {
        if (json) {
            spec.commandLine().getOut().println(JsonLine.of(ReportJson.of(report)));
        } else if (report.outcome() == GateOutcome.REACHED) {
            spec.commandLine().getOut().println(sentence(report));
        }
        if (report.outcome() == GateOutcome.STALE) {
            return onStale == StalePolicy.SKIP ? ExitCode.OK : ExitCode.WITHDRAWN;
        }
        return report.outcome() == GateOutcome.REACHED ? ExitCode.OK : ExitCode.TIMED_OUT;
    }

    private String sentence(GateReport report) {
        String revision = report.readable()
                .map(readable -> readable.revision().toString())
                .orElse("?");
        return "%s revision %s can be read on %d of %d replicas"
                .formatted(repository, revision, report.counted(), replicas.size());
    }
}
