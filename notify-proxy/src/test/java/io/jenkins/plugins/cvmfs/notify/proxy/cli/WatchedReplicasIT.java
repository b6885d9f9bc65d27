package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.Stratum1;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged proxy watches two real stratum 1 servers, of which one is late. */
class WatchedReplicasIT {

    private static final String NAME = "sw.example.org";

    @TempDir
    Path folder;

    private SampleRepository repository;
    private Stratum1 punctual;
    private Stratum1 late;

    @BeforeEach
    void start() throws IOException {
        repository = SampleRepository.create(
                folder.resolve("stratum0"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());
        repository.snapshotTo(folder.resolve("punctual"));
        repository.snapshotTo(folder.resolve("late"));
        punctual = Stratum1.start(folder.resolve("punctual"));
        late = Stratum1.start(folder.resolve("late"));
    }

    @AfterEach
    void stop() {
        punctual.close();
        late.close();
    }

    @Test
    void itShowsWhichReplicaLagsAndHowLongTheRevisionTook() throws Exception {
        configure(punctual.url(), late.url());
        try (JarProcess proxy = JarProcess.serve(
                folder, "--config", folder.resolve("config.json").toString())) {
            repository.publish();
            repository.snapshotTo(folder.resolve("punctual"));
            announce(proxy);
            await().atMost(JarProcess.LIMIT).until(() -> states(proxy).equals(List.of("current", "lagging")));
            JsonNode replicas = replicas(proxy);
            assertThat(replicas.at("/0/url").textValue()).isEqualTo(punctual.url());
            assertThat(replicas.at("/0/revision_text").textValue()).isEqualTo("2");
            assertThat(replicas.at("/0/measured").intValue()).isEqualTo(1);
            assertThat(replicas.at("/1/revision_text").textValue()).isEqualTo("1");
            assertThat(replicas.at("/1/lag_seconds").doubleValue()).isPositive();
            awaitMetric(proxy, "cvmfs_notify_replica_lagging{replica=\"" + host(late) + "\"} 1.0");

            repository.snapshotTo(folder.resolve("late"));

            await().atMost(JarProcess.LIMIT).until(() -> states(proxy).equals(List.of("current", "current")));
            JsonNode measured = replicas(proxy).at("/1/propagations");
            assertThat(measured).hasSize(1);
            assertThat(measured.at("/0/revision_text").textValue()).isEqualTo("2");
            assertThat(measured.at("/0/seconds").doubleValue()).isPositive();
            awaitMetric(proxy, "cvmfs_notify_replica_propagation_seconds_count{replica=\"" + host(late) + "\"} 1");

            int settled = punctual.requests();
            late.close();
            configure(late.url());
            proxy.hangUp();

            await().atMost(JarProcess.LIMIT).until(() -> states(proxy).size() == 1);
            assertThat(replicas(proxy).at("/0/url").textValue()).isEqualTo(late.url());
            assertThat(punctual.requests())
                    .as("not read again before its interval")
                    .isEqualTo(settled);
        }
    }

    private void configure(String... replicas) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "access": {"anonymous_publish": "everyone"},
                 "watch": {"interval": "1h", "replicas": [{"name": "sw.example.org", "replicas": ["%s"]}]}}
                """.formatted(String.join("\", \"", replicas)));
    }

    private static String host(Stratum1 server) {
        return URI.create(server.url()).getAuthority();
    }

    private void announce(JarProcess proxy) throws IOException, InterruptedException {
        byte[] message = ActivityMessage.announce(
                        repository.manifestBytes(), Clock.systemUTC().instant())
                .raw();
        HttpRequest publish = HttpRequest.newBuilder(proxy.uri().resolve("/api/v1/publish"))
                .POST(BodyPublishers.ofByteArray(message))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(publish, BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    /** A scrape serves for a second. */
    private static void awaitMetric(JarProcess proxy, String line) {
        await().atMost(JarProcess.LIMIT).until(() -> get(proxy, "/metrics").contains(line));
    }

    private static List<String> states(JarProcess proxy) throws IOException, InterruptedException {
        return replicas(proxy).findValuesAsText("state");
    }

    private static JsonNode replicas(JarProcess proxy) throws IOException, InterruptedException {
        return new JsonMapper()
                .readTree(get(proxy, "/api/v1/repositories/" + NAME + "/replicas"))
                .path("replicas");
    }

    private static String get(JarProcess proxy, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(proxy.uri().resolve(path)).build(), BodyHandlers.ofString())
                .body();
    }
}
