package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.Squid;
import io.jenkins.plugins.cvmfs.notify.proxy.Stratum1;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.io.StringWriter;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Waits for a mounted repository, for which a scratch folder with its attributes stands; through a cache; at all addresses. */
class WaitPlacesTest {

    private static final RepositoryName NAME = new RepositoryName("test.example.org");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private SampleRepository repository;
    private Path mount;

    @BeforeEach
    void publishRevision1() throws IOException {
        repository = SampleRepository.create(folder.resolve("s1"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        mount = Files.createDirectories(folder.resolve("cvmfs").resolve(NAME.value()));
    }

    private static List<String> wait(String... arguments) {
        List<String> all = new ArrayList<>(List.of("wait", "--transport", "poll", "--repository", NAME.value()));
        all.addAll(List.of(arguments));
        return all;
    }

    private static CommandRun run(String... arguments) {
        return CommandRun.of(wait(arguments).toArray(String[]::new));
    }

    private static CompletableFuture<CommandRun> start(StringWriter err, String... arguments) {
        return CompletableFuture.supplyAsync(
                () -> CommandRun.watched(err, Map.of(), wait(arguments).toArray(String[]::new)));
    }

    private static CommandRun end(CompletableFuture<CommandRun> run) {
        return run.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Skips the test, with a line on the console, where the file system has no user attributes. Any other failure fails it. */
    private void requireAttributes() throws IOException {
        if (!Files.getFileStore(folder).supportsFileAttributeView(UserDefinedFileAttributeView.class)) {
            String line = "WaitPlacesTest skipped: the file system of %s has no user attributes".formatted(folder);
            Programs.announce(line);
            Assumptions.abort(line);
        }
    }

    /** The client of the mount now serves the repository's present revision. */
    private void mounted() throws IOException {
        requireAttributes();
        UserDefinedFileAttributeView attributes = Files.getFileAttributeView(mount, UserDefinedFileAttributeView.class);
        attributes.write(
                "root_hash", UTF_8.encode(repository.manifest().rootCatalog().toString()));
        attributes.write(
                "revision", UTF_8.encode(repository.manifest().revision().toString()));
    }

    @Test
    void aWaitEndsWhenTheMountedClientServesTheRevision() throws IOException {
        mounted();
        StringWriter err = new StringWriter();
        CompletableFuture<CommandRun> run = start(err, "--revision", "2", "--mount", mount.toString(), "--json");
        await().atMost(LIMIT).until(() -> err.toString().contains(mount + " serves revision 1"));

        repository.publish();
        mounted();

        CommandRun ended = end(run);
        assertThat(ended.exitCode()).as(err.toString()).isZero();
        JsonNode json = new JsonMapper().readTree(ended.out());
        assertThat(json.path("revision").asInt()).isEqualTo(2);
        assertThat(json.path("root_hash").asText())
                .isEqualTo(repository.manifest().rootCatalog().toString());
        assertThat(json.path("replicas").path(0).path("url").asText()).isEqualTo("mount:" + mount);
    }

    @Test
    void thePathMustExistToo() throws IOException {
        mounted();
        StringWriter err = new StringWriter();
        CompletableFuture<CommandRun> run =
                start(err, "--revision", "1", "--mount", mount.toString(), "--path", "releases/1.2.3");
        String missing = "serves revision 1, but %s does not exist there".formatted(mount.resolve("releases/1.2.3"));
        await().atMost(LIMIT).until(() -> err.toString().contains(missing));

        Files.createDirectories(mount.resolve("releases/1.2.3"));

        assertThat(end(run).exitCode()).as(err.toString()).isZero();
    }

    @Test
    void aMountCountsAsOneMoreReplica() {
        String replica = "a=" + repository.folder();

        CommandRun run = run(
                "--revision",
                "1",
                "--replica",
                replica,
                "--mount",
                mount.toString(),
                "--require",
                "any",
                "--timeout",
                "0");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("test.example.org revision 1 can be read on 1 of 2 replicas\n");
    }

    @Test
    void aMountOfAnotherRepositoryDoesNotCount() throws IOException {
        mounted();
        Files.getFileAttributeView(mount, UserDefinedFileAttributeView.class)
                .write("fqrn", UTF_8.encode("other.example.org"));

        CommandRun run = run("--revision", "1", "--mount", mount.toString(), "--timeout", "0");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("the mount there is of repository 'other.example.org'");
    }

    @Test
    void aFolderWithoutAMountIsNamedInTheEnd() {
        CommandRun run = run("--revision", "1", "--mount", mount.toString(), "--timeout", "0");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains(mount + " cannot be read: " + mount + ": not mounted: the folder is there");
    }

    @Test
    void aReplicaIsReadThroughACacheWhichThenHasWhatIsNew() throws IOException, InterruptedException {
        try (Squid squid = Squid.start();
                Stratum1 stratum1 = Stratum1.start(repository.folder())) {
            HttpClient behind = HttpClient.newBuilder()
                    .proxy(ProxySelector.of(squid.address()))
                    .build();
            HttpRequest plain = HttpRequest.newBuilder(URI.create(stratum1.url() + "/.cvmfspublished"))
                    .build();
            assertThat(behind.send(plain, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("\nS1\n");
            repository.publish();

            CommandRun run = run(
                    "--revision",
                    "2",
                    "--replica",
                    "a=" + stratum1.url(),
                    "--through",
                    squid.url(),
                    "--timeout",
                    "30s");

            assertThat(run.exitCode()).as(run.err()).isZero();
            int requests = stratum1.requests();
            assertThat(behind.send(plain, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("\nS2\n");
            assertThat(stratum1.requests()).isEqualTo(requests);
        }
    }

    @Test
    void anAddressThatDoesNotAnswerIsNamed() throws IOException {
        try (Stratum1 stratum1 = Stratum1.start(repository.folder())) {
            String url = stratum1.url().replace("127.0.0.1", "localhost");

            CommandRun run =
                    run("--revision", "1", "--replica", "a=" + url, "--addresses", "all", "--timeout", "0", "--json");

            JsonNode replica =
                    new JsonMapper().readTree(run.out()).path("replicas").path(0);
            assertThat(replica.path("url").asText()).isEqualTo(url + " at all addresses");
            // Where localhost has an IPv6 address, too, nothing listens there.
            assertThat(replica.path("has_it").asBoolean()
                            || replica.path("error").asText().contains("1 of the 2 addresses of localhost"))
                    .as(run.out())
                    .isTrue();
        }
    }

    @Test
    void optionsThatDoNotFitTogetherAreExplained() {
        String replica = "a=http://s1.example.org/cvmfs/x";
        assertThat(run("--revision", "1").err()).contains("--replica NAME=URL, --replicas-from FILE or --mount PATH");
        assertThat(run("--revision", "1", "--replica", replica, "--path", "x").err())
                .contains("give --mount too");
        assertThat(run("--revision", "1", "--replica", replica, "--through", "http://squid:3128", "--addresses", "all")
                        .err())
                .contains("leave --addresses out");
        assertThat(run("--revision", "1", "--replica", "a=/srv/x", "--through", "http://squid:3128")
                        .err())
                .contains("replica a is not a URL");
        assertThat(run("--revision", "1", "--replica", "a=/srv/x", "--refresh-through", "http://squid:3128")
                        .err())
                .contains("name a replica by it");
        assertThat(run("--revision", "1", "--mount", "/cvmfs/x", "--path", "/etc/passwd")
                        .err())
                .contains("is not in the mounted repository");
    }
}
