package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "subscribe",
        description = {
            "Prints new revisions of repositories as they are announced, one line each.",
            "",
            "It always reconnects. Options and exit codes are those of 'cvmfs_swissknife notify -s'."
        },
        footer = {
            "  notify-proxy subscribe -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -m 41",
            "  notify-proxy subscribe -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -c --verify required \\",
            "      --exec 'cvmfs_server snapshot \"$CVMFS_FQRN\"'"
        },
        exitCodeList = {
            "0:there is a new revision",
            "1:the arguments are wrong, or '--verify required' is not possible",
            "3:timed out",
            "10:the command of '--exec' failed; not with '--continuous'",
            "130, 143:stopped by Ctrl-C or by SIGTERM"
        })
final class SubscribeCommand extends RootCommand.Base {

    /** The time for the user's command to end after SIGTERM. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private VerifyOptions verify = new VerifyOptions();

    @Mixin
    private RefreshOptions refresh = new RefreshOptions();

    @Mixin
    private Output output = new Output();

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "NAME",
            required = true,
            description = "A repository's full name. Repeatable.")
    private List<RepositoryName> topics = new ArrayList<>();

    @Option(
            names = {"-m", "--after"},
            paramLabel = "N",
            description = "Print only revisions greater than this. Default: 0.")
    private Revision after = Revision.ZERO;

    @Option(
            names = {"-c", "--continuous"},
            description = "Continue after the first new revision.")
    private boolean continuous;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Without '--continuous': time limit, for example 30s or 5m. Default: none.")
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
            completionCandidates = RootCommand.Protocols.class,
            description = "Protocol: auto, websocket, sse. Default: auto.")
    private SubscriberSettings.Protocol protocol = SubscriberSettings.Protocol.AUTO;

    @Option(
            names = "--no-hold",
            description = {
                "Print revisions also while the server holds them because its site cannot read them yet: for replicas that fetch them."
                        + " Default: what is held is named on standard error."
            })
    private boolean noHold;

    @Option(
            names = {"-v", "--verbose"},
            description = "Also log connections and each run of the command.")
    private boolean verbose;

    /** Completes with the first new revision. */
    private final CompletableFuture<ActivityMessage> first = new CompletableFuture<>();

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        output.any();
        if (continuous && timeout != null) {
            throw new ParameterException(
                    spec.commandLine(), "--timeout limits the wait for the first revision; leave --continuous out");
        }
        if (refresh.areGiven()) {
            topics.forEach(topic -> refresh.requireUrl(verify.locations(topic), "give it with --from"));
        }
        if (verbose) {
            Logging.setLevel(Level.INFO);
        }
        SubscriberSettings settings = SubscriberSettings.of(server.server(environment))
                .withProtocol(protocol)
                .withToken(server.token(environment))
                .withEarly(noHold);
        try (RevisionHook hook = command == null ? null : new RevisionHook(command, GRACE);
                Network network = ServerOptions.openNetwork()) {
            AnnouncementFilter filter = new AnnouncementFilter(
                    after,
                    verify.verifiers(topics, network.repositoryReader(), this::notice),
                    VerifyOptions.PAUSE,
                    (message, verified) -> accept(network, message, verified, hook),
                    this::notice,
                    System::nanoTime);
            ProcessSignals.StopHook stop = ProcessSignals.closeOnStop(() -> close(network, hook), GRACE);
            try {
                receive(network, settings, filter, stop);
                return hook == null ? ExitCode.OK : run(hook, first.join());
            } finally {
                stop.withdraw();
            }
        }
    }

    /** Returns after the first new revision; with {@code --continuous} never. */
    private void receive(
            Network network, SubscriberSettings settings, AnnouncementFilter filter, ProcessSignals.StopHook stop)
            throws InterruptedException, ExecutionException {
        try (HeldNotice held = new HeldNotice(settings.server().apiUrl(), settings.token(), topics, this::notice);
                NotificationSubscriber subscriber = network.subscriber(settings, filter)) {
            if (!noHold) {
                held.start();
            }
            for (RepositoryName topic : topics) {
                CompletableFuture<Void> unused = subscriber.subscribe(topic);
            }
            if (continuous) {
                stop.await();
            } else {
                await(filter);
            }
        }
    }

    private static void close(Network network, @Nullable RevisionHook hook) {
        network.close();
        if (hook != null) {
            hook.close();
        }
    }

    private void accept(Network network, ActivityMessage message, boolean verified, @Nullable RevisionHook hook) {
        if (!continuous && first.isDone()) {
            return;
        }
        Map<RepositoryLocation, Revision> expected = verify.locations(message.repository()).stream()
                .distinct()
                .collect(Collectors.toMap(url -> url, url -> message.revision()));
        List<CacheRefresher.Result> caches = refresh.refresh(network, expected, this::notice);
        print(message, verified, caches);
        first.complete(message);
        if (continuous && hook != null) {
            CompletableFuture<Integer> unused = hook.offer(message);
        }
    }

    private void await(AnnouncementFilter filter) throws InterruptedException, ExecutionException {
        try {
            if (timeout == null) {
                first.get();
            } else {
                first.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException e) {
            String timedOut = "timed out without a new revision";
            throw filter.obstacle()
                    .map(cause -> new CommandFailure(
                            ExitCode.TIMED_OUT,
                            timedOut + ": " + cause.getMessage(),
                            server.nextStep(cause, "subscribe", environment),
                            e))
                    .orElseGet(() -> new CommandFailure(
                            ExitCode.TIMED_OUT,
                            timedOut,
                            "Is the name right? 'curl %s/repositories' lists announced repositories."
                                    .formatted(server.server(environment).apiUrl()),
                            e));
        }
    }

    private static int run(RevisionHook hook, ActivityMessage message) {
        try {
            int exitCode = hook.offer(message).join();
            if (exitCode != 0) {
                throw new CommandFailure(
                        ExitCode.COMMAND_FAILED,
                        "the command exited with " + exitCode,
                        "Run it alone, with CVMFS_FQRN, CVMFS_REVISION and CVMFS_ROOT_HASH set.",
                        null);
            }
            return ExitCode.OK;
        } catch (CancellationException e) {
            throw new CommandFailure(
                    ExitCode.COMMAND_FAILED,
                    "stopped before the command started",
                    "Run it again: the revision will be printed again.",
                    e);
        }
    }

    private void print(ActivityMessage message, boolean verified, List<CacheRefresher.Result> caches) {
        ContentHash rootHash = message.manifest().rootCatalog();
        switch (output.any()) {
            case TEXT ->
                out().println("%s, root catalog %s, %s"
                        .formatted(message, rootHash, verified ? "verified" : "not verified"));
            case JSON -> out().println(json(message, verified, caches));
            case CLOUDEVENTS ->
                out().println(ManifestJson.cloudEvent(
                        server.server(environment).apiUrl(),
                        message.repository(),
                        message.manifest(),
                        json(message, verified, caches)));
            case ENV ->
                out().println(Output.lines(Output.variables(message.repository(), message.revision(), rootHash)));
        }
        out().flush();
    }

    private ObjectNode json(ActivityMessage message, boolean verified, List<CacheRefresher.Result> caches) {
        ObjectNode json =
                ManifestJson.of(message.repository(), message.manifest()).put("verified", verified);
        refresh.put(json, caches);
        return json;
    }

    /**
     * Says which revisions the server holds, and why, each once: asks it now and then, and no more if it has no answer to that. Runs on a
     * thread of its own until it is closed.
     */
    private static final class HeldNotice implements AutoCloseable {

        private static final Duration FIRST = Duration.ofSeconds(1);
        private static final Duration INTERVAL = Duration.ofSeconds(5);
        private static final int MAX_BYTES = 1024 * 1024;
        private static final int MAX_SAID = 10_000;
        private static final int MAX_REASON = 300;
        private static final JsonMapper JSON = new JsonMapper();

        private final HttpClient client =
                HttpClient.newBuilder().connectTimeout(INTERVAL).build();
        private final URI url;
        private final TokenSource token;
        private final Consumer<String> notice;
        private final Set<String> said = new HashSet<>();
        private final ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("cvmfs-notify-held"));

        /** @param api the base URL of the server's API */
        HeldNotice(URI api, TokenSource token, List<RepositoryName> topics, Consumer<String> notice) {
            this.url = URI.create(topics.stream()
                    .map(topic -> "repository=" + topic)
                    .collect(Collectors.joining("&", api + "/held?", "")));
            this.token = token;
            this.notice = notice;
        }

        void start() {
            var unused = thread.scheduleWithFixedDelay(
                    this::look, FIRST.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void look() {
            try {
                HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(INTERVAL);
                token.token().ifPresent(value -> request.header("Authorization", "Bearer " + value));
                HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    if (response.statusCode() == 200) {
                        JSON.readTree(body.readNBytes(MAX_BYTES)).path("held").forEach(this::say);
                    } else if (response.statusCode() < 500) {
                        thread.shutdown();
                    }
                }
            } catch (IOException unreachableOrNoJson) {
                // The subscription reports an unreachable server.
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        private void say(JsonNode held) {
            String revision = "revision %s of %s"
                    .formatted(
                            Excerpt.of(held.path("revision_text").asText()),
                            Excerpt.of(held.path("repository").asText()));
            if (said.size() < MAX_SAID && said.add(revision)) {
                notice.accept("%s is held by the server until %s at the latest: %s"
                        .formatted(
                                revision,
                                Excerpt.of(held.path("until").asText()),
                                Excerpt.of(held.path("why").asText(), MAX_REASON)));
            }
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }
}
