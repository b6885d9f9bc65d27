package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WaitCommandTest {

    private static final RepositoryName NAME = new RepositoryName("test.example.org");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private SampleRepository repository;
    private String a;
    private String b;

    @BeforeEach
    void twoReplicasHaveRevision1() {
        repository = SampleRepository.create(folder.resolve("stratum0"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        a = folder.resolve("a").toString();
        b = folder.resolve("b").toString();
        repository.snapshotTo(Path.of(a));
        repository.snapshotTo(Path.of(b));
    }

    @Test
    void anAvailableRevisionEndsTheWaitAtOnce() {
        CommandRun run = poll("--revision", "1", "--replica", "a=" + a, "--replica", "b=" + b);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("test.example.org revision 1 can be read on 2 of 2 replicas\n");
        assertThat(run.err().lines().toList())
                .first()
                .asString()
                .startsWith("waiting for revision 1 or newer of test.example.org on all 2 replicas until ");
    }

    @Test
    void aTimeoutIsExitCode3() {
        CommandRun run = poll("--revision", "2", "--replica", "a=" + a, "--timeout", "0");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("timed out after", "a serves revision 1");
    }

    @Test
    void theTimeLimitIsKeptEvenIfAReplicaHangs() throws IOException {
        // Given a web server that accepts connections and never answers
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:%d/cvmfs/%s".formatted(hanging.getLocalPort(), NAME);

            CompletableFuture<CommandRun> run = CompletableFuture.supplyAsync(
                    () -> poll("--revision", "2", "--replica", "hangs=" + url, "--timeout", "3s"));

            assertThat(run)
                    .succeedsWithin(Duration.ofSeconds(20))
                    .extracting(CommandRun::exitCode)
                    .isEqualTo(3);
        }
    }

    @Test
    void theResultInJsonNamesTheReplicasThatHaveItAndThoseThatDoNot() throws IOException {
        repository.publish();
        repository.snapshotTo(Path.of(a));

        CommandRun run = poll("--after", "1", "--replica", "a=" + a, "--replica", "b=" + b, "--timeout", "0", "--json");

        assertThat(run.exitCode()).isEqualTo(3);
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("reached").asBoolean()).isFalse();
        assertThat(json.path("outcome").asText()).isEqualTo("timed_out");
        assertThat(json.path("counted").asInt()).isEqualTo(1);
        assertThat(json.path("needed").asInt()).isEqualTo(2);
        assertThat(json.path("revision").asInt()).isEqualTo(2);
        JsonNode there = json.path("replicas").path(0);
        assertThat(there.path("has_it").asBoolean()).isTrue();
        assertThat(there.path("url").asText()).isEqualTo(a);
        assertThat(there.path("root_hash").asText())
                .isEqualTo(repository.manifest().rootCatalog().toString());
        assertThat(Instant.parse(there.path("available_at").asText())).isNotNull();
        assertThat(there.path("since_publication_ms").isIntegralNumber()).isTrue();
        JsonNode behind = json.path("replicas").path(1);
        assertThat(behind.path("has_it").asBoolean()).isFalse();
        assertThat(behind.path("revision").asInt()).isEqualTo(1);
        assertThat(behind.path("available_at").isNull()).isTrue();
        assertThat(behind.path("summary").asText()).startsWith("serves revision 1");
        assertThat(json.path("missing").asText()).contains("b serves revision 1");
    }

    @Test
    void theResultAsVariablesHasTheRevisionOnlyIfItWasReached() {
        CommandRun reached = poll("--revision", "1", "--replica", "a=" + a, "--output", "env");
        CommandRun late = poll("--revision", "2", "--replica", "a=" + a, "--timeout", "0", "--output", "env");

        assertThat(reached.exitCode()).as(reached.err()).isZero();
        assertThat(reached.out())
                .isEqualTo("CVMFS_FQRN=%s\nCVMFS_REVISION=1\nCVMFS_ROOT_HASH=%s\nCVMFS_OUTCOME=reached\n"
                        .formatted(NAME, repository.manifest().rootCatalog()));
        assertThat(late.exitCode()).isEqualTo(ExitCode.TIMED_OUT);
        assertThat(late.out()).isEqualTo("CVMFS_FQRN=%s\nCVMFS_OUTCOME=timed_out\n".formatted(NAME));
    }

    @Test
    void replicasAreReadFromAFile() throws IOException {
        Path list = Files.writeString(folder.resolve("replicas"), "a=%s\nb=%s # far away\n".formatted(a, b));

        CommandRun run = poll("--revision", "1", "--replicas-from", list.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("test.example.org revision 1 can be read on 2 of 2 replicas\n");
    }

    @Test
    void replicasAreReadFromAUrl() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/list", exchange -> {
            byte[] text = ("a=" + a).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            CommandRun run = poll("--revision", "1", "--replicas-from", base + "/list");
            CommandRun missing = poll("--revision", "1", "--replicas-from", base + "/other");

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(missing.exitCode()).isEqualTo(1);
            assertThat(missing.err()).contains("--replicas-from %s/other: the server answers 404".formatted(base));
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                "'' -> it lists no replica",
                "'# none' -> it lists no replica",
                "words -> line 1: 'words' is neither an http or https URL nor NAME=URL"
            })
    void aListWithoutReplicasIsRefused(String text, String problem) throws IOException {
        Path list = Files.writeString(folder.resolve("replicas"), text);

        CommandRun run = poll("--revision", "1", "--replicas-from", list.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("--replicas-from %s: %s".formatted(list, problem));
    }

    @Test
    void aListThatIsNotThereIsRefused() {
        CommandRun run = poll(
                "--revision", "1", "--replicas-from", folder.resolve("none").toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("none: no such file or folder");
    }

    @Test
    void withoutAServerTheTransportThatNeedsNoneIsNamed() {
        CommandRun run = CommandRun.of("wait", "--repository", NAME.value(), "--revision", "1", "--replica", "a=" + a);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no notification server", "--transport poll");
    }

    @ParameterizedTest
    @CsvSource({"any, 0", "1, 0", "2, 3", "majority, 3", "all, 3"})
    void asManyReplicasAsRequiredMustHaveIt(String require, int exitCode) {
        repository.publish();
        repository.snapshotTo(Path.of(a));

        CommandRun run = poll(
                "--revision",
                "2",
                "--replica",
                "a=" + a,
                "--replica",
                "b=" + b,
                "--timeout",
                "0",
                "--require",
                require);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    }

    @Test
    void aReplicaPastTheRootHashCountsOnlyIfTheRevisionIsGiven() {
        Manifest first = repository.manifest();
        String hash = first.rootCatalog().toString();
        assertThat(poll("--root-hash", hash, "--replica", "a=" + a, "--timeout", "0")
                        .exitCode())
                .isZero();
        repository.publish();
        repository.snapshotTo(Path.of(a));

        assertThat(poll("--root-hash", hash, "--replica", "a=" + a, "--timeout", "0")
                        .exitCode())
                .isEqualTo(3);
        assertThat(poll("--root-hash", hash, "--revision", "1", "--replica", "a=" + a, "--timeout", "0")
                        .exitCode())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"wait, 3, timed_out", "skip, 0, stale", "fail, 11, stale"})
    void aWithdrawnRevisionIsHandledByThePolicy(String policy, int exitCode, String outcome) throws IOException {
        // Given a replica that has revision 5, and another with a lower one that was published later
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5));
        SampleRepository restored =
                SampleRepository.create(folder.resolve("restored"), NAME, HashAlgorithm.SHA1, later);
        repository.publish(new Revision(5));
        repository.snapshotTo(Path.of(a));
        restored.snapshotTo(Path.of(b));

        CommandRun run = poll(
                "--revision",
                "5",
                "--replica",
                "a=" + a,
                "--replica",
                "b=" + b,
                "--timeout",
                "2s",
                "--on-stale",
                policy,
                "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(new JsonMapper().readTree(run.out()).path("outcome").asText())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @EnumSource(
            value = WaitCommand.Transport.class,
            names = {"AUTO", "WEBSOCKET", "SSE"})
    void anAnnouncementThroughTheProxyAndTheReplicasTogetherEndTheWait(WaitCommand.Transport transport)
            throws IOException {
        try (LocalProxy proxy = LocalProxy.start()) {
            // Given a wait that has looked at the replicas and is subscribed
            StringWriter err = new StringWriter();
            CompletableFuture<CommandRun> waiting = CompletableFuture.supplyAsync(() -> CommandRun.watched(
                    err,
                    Map.of(),
                    "wait",
                    "-u",
                    proxy.server(),
                    "--transport",
                    transport.toString(),
                    "--repository",
                    NAME.value(),
                    "--revision",
                    "2",
                    "--timeout",
                    "5m",
                    "--replica",
                    "a=" + a,
                    "--json"));
            await().atMost(LIMIT).until(() -> err.toString().contains("a serves revision 1"));
            await().atMost(LIMIT).until(() -> err.toString().contains("connected to the notification server"));

            // When the revision is published, announced and fetched
            repository.publish();
            assertThat(CommandRun.of(
                                    "publish",
                                    "-u",
                                    proxy.server(),
                                    "-r",
                                    repository.folder().toString())
                            .exitCode())
                    .isZero();
            await().atMost(LIMIT).until(() -> err.toString().contains("announced: revision 2"));
            assertThat(waiting).isNotDone();
            repository.snapshotTo(Path.of(a));

            // Then
            CommandRun run =
                    waiting.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            assertThat(run.exitCode()).as(err.toString()).isZero();
            JsonNode json = new JsonMapper().readTree(run.out());
            assertThat(json.path("reached").asBoolean()).isTrue();
            assertThat(json.path("announced").path("revision").asInt()).isEqualTo(2);
            assertThat(json.path("replicas")
                            .path(0)
                            .path("since_announcement_ms")
                            .asLong())
                    .isNotNegative();
        }
    }

    @Test
    void itWaitsWithoutAReachableServer() {
        CommandRun run = CommandRun.of(
                "wait",
                "-u",
                "http://127.0.0.1:1/api/v1",
                "--repository",
                NAME.value(),
                "--revision",
                "1",
                "--replica",
                "a=" + a);

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void wrongArgumentsAreExitCode1AndSaidInWords() {
        assertThat(poll("--revision", "1").err()).contains("--replica");
        assertThat(poll("--replica", "a=" + a).err()).contains("--revision, --after or --root-hash");
        assertThat(poll("--revision", "1", "--after", "1", "--replica", "a=" + a)
                        .exitCode())
                .isEqualTo(1);
        assertThat(poll("--revision", "one", "--replica", "a=" + a).err()).contains("'one' is not a decimal number");
        assertThat(poll("--revision", "1", "--replica", a).err()).contains("is not NAME=URL");
        assertThat(poll("--revision", "1", "--replica", "a=ftp://x/y").exitCode())
                .isEqualTo(1);
        assertThat(poll("--revision", "1", "--replica", "a=" + a, "--replica", "a=" + b)
                        .err())
                .contains("replica a is named twice");
        assertThat(poll("--revision", "1", "--replica", "a=" + a, "--require", "2")
                        .err())
                .contains("requirement 2 exceeds the number of replicas, 1");
        assertThat(poll("--revision", "1", "--replica", "a=" + a, "--require", "most")
                        .err())
                .contains("'most' must be 'all'");
        assertThat(poll("--revision", "1", "--replica", "a=" + a, "--transport", "pigeon")
                        .exitCode())
                .isEqualTo(1);
        CommandRun noServer =
                CommandRun.of("wait", "--repository", NAME.value(), "--revision", "1", "--replica", "a=" + a);
        assertThat(noServer.exitCode()).isEqualTo(1);
        assertThat(noServer.err()).contains("no notification server: give -u URL");
    }

    @Test
    void aTimeoutSaysHowLongARevisionUsuallyTakes() throws IOException {
        try (LocalProxy proxy = LocalProxy.watching(Path.of(a))) {
            repository.publish();
            repository.snapshotTo(Path.of(a));
            assertThat(CommandRun.of(
                                    "publish",
                                    "-u",
                                    proxy.server(),
                                    "--repository",
                                    folder.resolve("stratum0").toString())
                            .exitCode())
                    .isZero();
            await().atMost(LIMIT).until(() -> proxy.replicas(NAME).contains("\"measured\":1"));

            CommandRun run = CommandRun.of(
                    "wait",
                    "-u",
                    proxy.server(),
                    "--repository",
                    NAME.value(),
                    "--revision",
                    "9",
                    "--replica",
                    "site-a=" + a,
                    "--timeout",
                    "5s");

            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).containsPattern("site-a usually takes [\\d.]+ s \\(95 % of the revisions: up to ");
        }
    }

    private CommandRun poll(String... arguments) {
        List<String> all = new ArrayList<>(List.of("wait", "--transport", "poll", "--repository", NAME.value()));
        all.addAll(List.of(arguments));
        return CommandRun.with(Map.of(), all.toArray(String[]::new));
    }
}
