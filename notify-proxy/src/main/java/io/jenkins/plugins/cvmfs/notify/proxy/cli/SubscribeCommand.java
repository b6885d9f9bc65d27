package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "subscribe",
        description = {
            "Tells of new revisions of repositories as they are announced, one line each.",
            "",
            "It connects again for ever. Options and exit codes are those of 'cvmfs_swissknife notify -s'."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy subscribe -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -m 41",
            "  notify-proxy subscribe -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -c --verify required \\",
            "      --exec 'cvmfs_server snapshot \"$CVMFS_FQRN\"'"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:there is a new revision",
            "1:the arguments are wrong, or '--verify required' is not possible",
            "3:the time limit came first",
            "10:the command of '--exec' failed; not with '--continuous'",
            "130, 143:it was told to stop, by Ctrl-C or by SIGTERM, and did"
        })
final class SubscribeCommand implements Callable<Integer> {

    /** For the user's command to end after SIGTERM. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private VerifyOptions verify = new VerifyOptions();

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "NAME",
            required = true,
            description = "A repository's full name. Once for each repository.")
    private List<RepositoryName> topics = new ArrayList<>();

    @Option(
            names = {"-m", "--after"},
            paramLabel = "N",
            description = "Tell of revisions greater than this. Default: 0.")
    private Revision after = Revision.ZERO;

    @Option(
            names = {"-c", "--continuous"},
            description = "Go on after the first new revision.")
    private boolean continuous;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Without '--continuous': when to give up, for example 30s or 5m. Default: never.")
    private @Nullable Duration timeout;

    @Option(
            names = "--exec",
            paramLabel = "COMMAND",
            description = {
                "Shell command to run for each new revision, with CVMFS_FQRN, CVMFS_REVISION and CVMFS_ROOT_HASH in its"
                        + " environment; never two at once for one repository: the newest revision waits."
            })
    private @Nullable String command;

    @Option(
            names = "--transport",
            paramLabel = "HOW",
            completionCandidates = ArgumentTypes.Protocols.class,
            description = "How to hear of new revisions: auto, websocket, sse. Default: auto.")
    private SubscriberSettings.Protocol protocol = SubscriberSettings.Protocol.AUTO;

    @Option(names = "--json", description = "Print each revision as one JSON object.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Also tell of connections and of each run of the command.")
    private boolean verbose;

    SubscribeCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        if (continuous && timeout != null) {
            throw new ParameterException(
                    spec.commandLine(), "--timeout bounds the wait for the first; omit --continuous");
        }
        if (verbose) {
            LogLevel.set(Level.INFO);
        }
        SubscriberSettings settings = SubscriberSettings.of(server.server(environment))
                .withProtocol(protocol)
                .withToken(server.token(environment));
        try (RevisionHook hook = command == null ? null : new RevisionHook(command, GRACE);
                Network network = Networks.open()) {
            AnnouncementCheck check = verify.check(topics, network.repositoryReader());
            StopSignal stop = StopSignal.closing(() -> close(network, hook), GRACE);
            try {
                return continuous
                        ? follow(network, settings, check, hook, stop)
                        : first(network, settings, check, hook);
            } finally {
                stop.withdraw();
            }
        }
    }

    private static void close(Network network, @Nullable RevisionHook hook) {
        network.close();
        if (hook != null) {
            hook.close();
        }
    }

    private int follow(
            Network network,
            SubscriberSettings settings,
            AnnouncementCheck check,
            @Nullable RevisionHook hook,
            StopSignal stop)
            throws InterruptedException {
        NewRevisions revisions = new NewRevisions(after, check, (message, verified) -> {
            print(message, verified);
            if (hook != null) {
                CompletableFuture<Integer> unused = hook.offer(message);
            }
        });
        try (NotificationSubscriber subscriber = network.subscriber(settings, revisions)) {
            subscribe(subscriber);
            stop.await();
            return ExitCode.OK;
        }
    }

    private int first(
            Network network, SubscriberSettings settings, AnnouncementCheck check, @Nullable RevisionHook hook)
            throws InterruptedException, ExecutionException {
        CompletableFuture<ActivityMessage> told = new CompletableFuture<>();
        NewRevisions revisions = new NewRevisions(after, check, (message, verified) -> {
            if (!told.isDone()) {
                print(message, verified);
                told.complete(message);
            }
        });
        try (NotificationSubscriber subscriber = network.subscriber(settings, revisions)) {
            subscribe(subscriber);
            await(told, revisions);
        }
        return hook == null ? ExitCode.OK : run(hook, told.join());
    }

    private void subscribe(NotificationSubscriber subscriber) {
        for (RepositoryName topic : topics) {
            CompletableFuture<Void> unused = subscriber.subscribe(topic);
        }
    }

    private void await(CompletableFuture<ActivityMessage> told, NewRevisions revisions)
            throws InterruptedException, ExecutionException {
        try {
            if (timeout == null) {
                told.get();
            } else {
                told.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    ExitCode.TIMED_OUT,
                    revisions
                            .obstacle()
                            .map("no new revision in time: %s"::formatted)
                            .orElse("no new revision in time"),
                    "Is the name right? 'curl SERVER/repositories' lists what has been announced; --verbose tells of the connection.",
                    e);
        }
    }

    private static int run(RevisionHook hook, ActivityMessage message) {
        try {
            int exitCode = hook.offer(message).join();
            if (exitCode != 0) {
                throw new CommandFailure(
                        ExitCode.COMMAND_FAILED,
                        "the command ended with " + exitCode,
                        "Try it by itself, with CVMFS_FQRN, CVMFS_REVISION and CVMFS_ROOT_HASH set.",
                        null);
            }
            return ExitCode.OK;
        } catch (CancellationException e) {
            throw new CommandFailure(
                    ExitCode.COMMAND_FAILED,
                    "stopped before the command began",
                    "Run it again: the revision will be told once more.",
                    e);
        }
    }

    private void print(ActivityMessage message, boolean verified) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.of(
                    ManifestJson.of(message.repository(), message.manifest()).put("verified", verified)));
        } else {
            out.println("%s, root catalog %s, %s"
                    .formatted(message, message.manifest().rootCatalog(), verified ? "verified" : "not verified"));
        }
        out.flush();
    }
}
