package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.Squid;
import io.jenkins.plugins.cvmfs.notify.proxy.Stratum1;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --refresh-through} with a real Squid that has an old manifest, in front of a stratum 1 that lets it keep it for a minute. */
class RefreshThroughTest {

    private static final RepositoryName NAME = new RepositoryName("test.example.org");

    /** Nothing listens there. */
    private static final String DEAD = "http://127.0.0.1:1";

    @TempDir
    private Path folder;

    private SampleRepository repository;
    private Stratum1 stratum1;
    private Squid squid;
    private LocalProxy proxy;

    @BeforeEach
    void aSquidHasRevision1AndTheStratum1HasRevision2() throws IOException, InterruptedException {
        squid = Squid.start();
        repository = SampleRepository.create(folder.resolve("s1"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        stratum1 = Stratum1.start(repository.folder());
        proxy = LocalProxy.start();
        assertThat(revisionOfClients()).isEqualTo("1");
        repository.publish();
        // The very trouble: it does not ask the stratum 1.
        assertThat(revisionOfClients()).isEqualTo("1");
    }

    @AfterEach
    void stop() {
        proxy.close();
        stratum1.close();
        squid.close();
    }

    /** The revision that a CernVM-FS client behind the Squid reads. */
    private String revisionOfClients() throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().proxy(ProxySelector.of(squid.address())).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(stratum1.url() + "/.cvmfspublished"))
                .build();
        return Manifest.parse(client.send(request, HttpResponse.BodyHandlers.ofByteArray())
                        .body())
                .revision()
                .toString();
    }

    private CommandRun run(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "-u", proxy.server()));
        all.addAll(List.of(arguments));
        return CommandRun.of(all.toArray(String[]::new));
    }

    @Test
    void publishRefreshesTheCacheAndThenAnnounces() throws IOException, InterruptedException {
        CommandRun run = run("publish", "-r", stratum1.url(), "--refresh-through", squid.url());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        int before = stratum1.requests();
        assertThat(revisionOfClients()).isEqualTo("2");
        // It is the Squid that answers.
        assertThat(stratum1.requests()).isEqualTo(before);
    }

    @Test
    void publishOfAFolderNeedsTheUrlThatClientsRead() throws IOException, InterruptedException {
        String stratum0 = repository.folder().toString();

        CommandRun without = run("publish", "-r", stratum0, "--refresh-through", squid.url());
        CommandRun with = run("publish", "-r", stratum0, "--refresh-through", squid.url(), "--from", stratum1.url());

        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.err()).contains("needs the URL that the clients behind the cache read: give it with --from");
        assertThat(with.exitCode()).as(with.err()).isZero();
        assertThat(revisionOfClients()).isEqualTo("2");
    }

    @Test
    void aCacheThatFailsIsNamedAndTheOtherIsRefreshed() throws IOException, InterruptedException {
        CommandRun run = run(
                "publish", "-r", stratum1.url(), "--json", "--refresh-through", DEAD, "--refresh-through", squid.url());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err())
                .startsWith("notify-proxy: cache http://127.0.0.1:1 (127.0.0.1): 127.0.0.1:1: cannot connect");
        JsonNode caches = new JsonMapper().readTree(run.out()).path("caches");
        assertThat(caches.path(0).path("error").asText()).contains("cannot connect");
        assertThat(caches.path(0).path("revision").isNull()).isTrue();
        assertThat(caches.path(1).path("revision").asInt()).isEqualTo(2);
        assertThat(caches.path(1).path("error").isNull()).isTrue();
        assertThat(revisionOfClients()).isEqualTo("2");
    }

    @Test
    void aCacheInFrontOfALateReplicaIsNamed() throws IOException {
        Path late = folder.resolve("late");
        repository.snapshotTo(late);
        try (Stratum1 replica = Stratum1.start(late)) {
            repository.publish();

            CommandRun run =
                    run("publish", "-r", stratum1.url(), "--refresh-through", squid.url(), "--from", replica.url());

            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.err()).contains("serves revision 2 of " + replica.url() + ", not 3 yet");
        }
    }

    @Test
    void subscribeRefreshesTheCacheBeforeItTellsOfARevision() throws IOException, InterruptedException {
        assertThat(run("publish", "-r", stratum1.url()).exitCode()).isZero();

        CommandRun run = run(
                "subscribe",
                "-t",
                NAME.value(),
                "--verify",
                "off",
                "--from",
                stratum1.url(),
                "--refresh-through",
                squid.url(),
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("revision").asInt()).isEqualTo(2);
        assertThat(json.path("caches").path(0).path("revision").asInt()).isEqualTo(2);
        assertThat(revisionOfClients()).isEqualTo("2");
    }

    @Test
    void subscribeSaysBeforeItStartsThatItDoesNotKnowWhatToRefresh() {
        CommandRun run = run("subscribe", "-t", NAME.value(), "--verify", "off", "--refresh-through", squid.url());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("give it with --from");
    }

    @Test
    void waitRefreshesTheCacheOnceTheReplicaHasTheRevision() throws IOException, InterruptedException {
        CommandRun run = run(
                "wait",
                "--repository",
                NAME.value(),
                "--revision",
                "2",
                "--replica",
                "a=" + stratum1.url(),
                "--refresh-through",
                squid.url(),
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(new JsonMapper()
                        .readTree(run.out())
                        .path("caches")
                        .path(0)
                        .path("revision_text")
                        .asText())
                .isEqualTo("2");
        assertThat(revisionOfClients()).isEqualTo("2");
    }
}
