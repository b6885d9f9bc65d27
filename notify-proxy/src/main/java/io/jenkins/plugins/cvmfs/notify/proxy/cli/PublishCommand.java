package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.GatewayKey;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "publish",
        description = {
            "Announces the present revision of a repository: reads its manifest and sends it to the notification server.",
            "",
            "Publishing again is harmless, so it is tried again until the time limit while the server is away or busy. Options"
                    + " and exit codes are those of 'cvmfs_swissknife notify -p'."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy publish -u http://notify.example.org:4930/api/v1 \\",
            "      -r http://stratum0.example.org/cvmfs/software.example.org",
            "  notify-proxy publish -u http://notify.example.org:4930/api/v1 \\",
            "      -r /srv/cvmfs/software.example.org"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the server has accepted it",
            "1:the arguments are wrong",
            "6:the manifest could not be downloaded",
            "7:the manifest's file could not be opened",
            "8:the manifest's file could not be read, or is no manifest",
            "9:the server did not accept it"
        })
final class PublishCommand implements Callable<Integer> {

    static final String NO_SERVICE = "Is it the address of a notification server, such as http://host:4930/api/v1?";

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = {"-r", "--repository"},
            paramLabel = "REPOSITORY",
            required = true,
            description = {
                "URL or folder of the repository, or a file that holds its manifest. The repository's name is taken from the"
                        + " manifest."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private RepositoryLocation repository;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "When to give up, for example 30s or 5m; 0 for one attempt only. Default: 1m.")
    private Duration timeout = PublisherSettings.DEFAULT_TIME_LIMIT;

    @Option(
            names = "--gateway-key",
            paramLabel = "FILE",
            description = {
                "Sign the message with this key of the repository gateway, such as /etc/cvmfs/keys/NAME.gw, instead of sending a"
                        + " token."
            })
    private @Nullable Path gatewayKey;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = {"-v", "--verbose"},
            description = "Also print what is read and sent.")
    private boolean verbose;

    PublishCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        NotificationServer server = options.server(environment);
        int columns = Terminal.columns(System.console(), environment);
        try (Network network = Networks.open();
                ProgressLines progress = new ProgressLines(spec.commandLine().getErr(), columns)) {
            PublisherSettings settings = withCredentials(PublisherSettings.of(server))
                    .withTimeLimit(timeout)
                    .withRetries((attempt, reason, pause) -> progress.progress(retry(attempt, reason, pause)));
            say("reading the manifest of " + repository);
            ActivityMessage message = announcement(ManifestInput.read(network.repositoryReader(), repository));
            say("publishing to " + server + ":\n" + message.manifest().toText());
            report(message, publish(network, settings, message, progress));
            return ExitCode.OK;
        }
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
        return "attempt %d: %s; again in %.1f s".formatted(attempt, reason, pause.toMillis() / 1000.0);
    }

    private static NotificationPublisher.Receipt publish(
            Network network, PublisherSettings settings, ActivityMessage message, ProgressLines progress) {
        String status = "publishing %s revision %s to %s"
                .formatted(message.repository(), message.manifest().revision(), settings.server());
        try {
            return Blocking.get(
                    network.publisher(settings).publish(message), waited -> progress.status(waited, status));
        } catch (NotifyException e) {
            throw new CommandFailure(ExitCode.PUBLISH_FAILED, "not published: " + e.getMessage(), next(e), e);
        }
    }

    private static String next(NotifyException failure) {
        if (failure instanceof TransientFailureException) {
            return "Does the server run, and is its address right? It may be tried again at any time.";
        } else if (failure instanceof RefusedException) {
            return "Give the token with --token-file or " + ServerOptions.TOKEN_VARIABLE
                    + ", or a gateway's key with --gateway-key. At a loopback address the local token is found by itself, by whoever"
                    + " may read " + LocalToken.INSTALLED + " or runs the service.";
        }
        return NO_SERVICE;
    }

    private void report(ActivityMessage message, NotificationPublisher.Receipt receipt) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.of(ManifestJson.of(message.repository(), message.manifest())
                    .put("server", receipt.server().toString())
                    .put("attempts", receipt.attempts())));
        } else {
            out.println("published %s revision %s to %s"
                    .formatted(message.repository(), message.revision(), receipt.server()));
        }
    }

    private void say(String text) {
        if (verbose) {
            spec.commandLine().getErr().println(text);
        }
    }
}
