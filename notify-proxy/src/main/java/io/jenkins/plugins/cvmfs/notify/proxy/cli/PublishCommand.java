package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.GatewayKey;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "publish",
        description = {
            "Announces the current revision of one or several repositories: reads their manifests and sends them to the"
                    + " notification server.",
            "",
            "While the server is unreachable or busy, it retries until the time limit; announcing twice is harmless."
                    + " Options and exit codes are those of 'cvmfs_swissknife notify -p'. Of several repositories each is"
                    + " announced whatever happens to the others, and the exit code is that of the first that fails."
        },
        footer = {
            "  notify-proxy publish -u http://notify.example.org:4930/api/v1 \\",
            "      -r http://stratum0.example.org/cvmfs/software.example.org",
            "  notify-proxy publish -u http://notify.example.org:4930/api/v1 \\",
            "      -r /srv/cvmfs/software.example.org -r /srv/cvmfs/data.example.org"
        },
        exitCodeList = {
            "0:the server has accepted it",
            "1:the arguments are wrong",
            "6:the manifest could not be downloaded",
            "7:the manifest's file could not be opened",
            "8:the manifest's file could not be read, or is not a manifest",
            "9:the server did not accept it"
        })
final class PublishCommand extends RootCommand.Base {

    /** Of several repositories. */
    private static final int AT_A_TIME = 8;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = {"-r", "--repository"},
            paramLabel = "REPOSITORY",
            required = true,
            description = {
                "URL or folder of the repository, or a file with its manifest. The repository's name is that in the"
                        + " manifest. Repeatable."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private List<RepositoryLocation> repositories;

    @Mixin
    private RefreshOptions refresh = new RefreshOptions();

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--from",
            paramLabel = "URLS",
            description = {
                "With --refresh-through: where the clients read the repository, as URLs separated by ; in which @fqrn@"
                        + " is its name. Default: -r."
            })
    private @Nullable String from;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "When to give up, for example 30s or 5m; 0 for one attempt only. Default: 1m.")
    private Duration timeout = PublisherSettings.DEFAULT_TIME_LIMIT;

    @Option(
            names = "--gateway-key",
            paramLabel = "FILE",
            description = {
                "Sign the message with this key of the repository gateway, such as /etc/cvmfs/keys/NAME.gw, instead of"
                        + " sending a token."
            })
    private @Nullable Path gatewayKey;

    @Option(
            names = {"-v", "--verbose"},
            description = "Also print the manifest and the steps.")
    private boolean verbose;

    @Override
    public Integer call() {
        Output.Format format = output.withoutEvents();
        if (isSeveral() && format == Output.Format.ENV) {
            throw new InvalidInputException("--output env names the variables of one repository; give one -r");
        }
        NotificationServer server = options.server(environment);
        int columns = ProgressDisplay.columns(environment);
        try (Network network = ServerOptions.openNetwork();
                ProgressDisplay progress = new ProgressDisplay(err(), columns)) {
            PublisherSettings settings = withCredentials(PublisherSettings.of(server))
                    .withTimeLimit(timeout)
                    .withRetries((attempt, reason, pause) -> progress.progress(retry(attempt, reason, pause)));
            return announceAll(repository -> announce(repository, format, network, settings, progress));
        }
    }

    /** Prints in the order of the arguments what became of each. */
    private int announceAll(Function<RepositoryLocation, String> announcing) {
        if (!isSeveral()) {
            out().println(announcing.apply(repositories.get(0)));
            return ExitCode.OK;
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_A_TIME, repositories.size()));
        try {
            int exitCode = ExitCode.OK;
            for (CompletableFuture<String> each : repositories.stream()
                    .map(repository -> CompletableFuture.supplyAsync(() -> announcing.apply(repository), threads))
                    .toList()) {
                int code = print(each);
                exitCode = exitCode == ExitCode.OK ? code : exitCode;
            }
            return exitCode;
        } finally {
            threads.shutdownNow();
        }
    }

    private int print(CompletableFuture<String> announced) {
        try {
            out().println(announced.join());
            return ExitCode.OK;
        } catch (CompletionException e) {
            return RootCommand.report(e.getCause() instanceof Exception cause ? cause : e, spec.commandLine());
        }
    }

    private boolean isSeveral() {
        return repositories.size() > 1;
    }

    /** Returns the line for standard output. */
    private String announce(
            RepositoryLocation repository,
            Output.Format format,
            Network network,
            PublisherSettings settings,
            ProgressDisplay progress) {
        say("reading the manifest of " + repository);
        ActivityMessage message = announcement(ManifestInput.read(network.repositoryReader(), repository));
        List<CacheRefresher.Result> caches = refresh.refresh(network, expected(repository, message), this::notice);
        caches.forEach(cache -> say(cache.toString()));
        say("announcing to " + settings.server() + ":\n" + message.manifest().toText());
        return report(format, message, publish(network, settings, message, progress), caches);
    }

    /** Returns where the clients behind the caches read, and the revision that they shall find there. */
    private Map<RepositoryLocation, Revision> expected(RepositoryLocation repository, ActivityMessage message) {
        List<RepositoryLocation> readBy =
                from == null ? List.of(repository) : VerifyOptions.ClientConfig.parse(from, message.repository());
        refresh.requireUrl(readBy, "give it with --from");
        return readBy.stream().distinct().collect(Collectors.toMap(url -> url, url -> message.revision()));
    }

    private PublisherSettings withCredentials(PublisherSettings settings) {
        return gatewayKey == null
                ? settings.withToken(options.token(environment))
                : settings.withGatewayKey(GatewayKey.read(gatewayKey));
    }

    private static ActivityMessage announcement(byte[] published) {
        try {
            return ActivityMessage.announce(published, Instant.now());
        } catch (InvalidInputException e) {
            throw ManifestInput.noManifest(e);
        }
    }

    private static String retry(int attempt, String reason, Duration pause) {
        return "attempt %d failed: %s; retrying in %.1f s".formatted(attempt, reason, pause.toMillis() / 1000.0);
    }

    private NotificationPublisher.Receipt publish(
            Network network, PublisherSettings settings, ActivityMessage message, ProgressDisplay progress) {
        String status = "announcing %s revision %s to %s"
                .formatted(message.repository(), message.manifest().revision(), settings.server());
        try {
            return progress.await(network.publisher(settings).publish(message), () -> status);
        } catch (NotifyException e) {
            String which = isSeveral() ? message + " " : "";
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED,
                    which + "not announced: " + e.getMessage(),
                    options.nextStep(e, "publish", environment),
                    e);
        }
    }

    private String report(
            Output.Format format,
            ActivityMessage message,
            NotificationPublisher.Receipt receipt,
            List<CacheRefresher.Result> caches) {
        if (format == Output.Format.JSON) {
            ObjectNode result = ManifestJson.of(message.repository(), message.manifest())
                    .put("server", receipt.server().toString())
                    .put("attempts", receipt.attempts());
            refresh.put(result, caches);
            return result.toString();
        } else if (format == Output.Format.ENV) {
            return Output.lines(Output.variables(
                    message.repository(), message.revision(), message.manifest().rootCatalog()));
        }
        return "announced %s revision %s to %s".formatted(message.repository(), message.revision(), receipt.server());
    }

    private void say(String text) {
        if (verbose) {
            err().println(text);
        }
    }
}
