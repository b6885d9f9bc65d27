package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoriesRouteTest {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    private static final Clock CLOCK = Clock.systemUTC();

    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    private final ReplicaNetwork network = new ReplicaNetwork();
    private final ReplicaBoard board = new ReplicaBoard(
            TestConfigs.with(
                    TestConfigs.standalone(0),
                    new WatchConfig(
                            true,
                            Duration.ofMinutes(10),
                            10,
                            List.of(new WatchedReplicas(
                                    new RepositoryPattern("watched.*"), List.of("http://127.0.0.1:1/@fqrn@"))))),
            network,
            List::of,
            CLOCK,
            new SimpleMeterRegistry());
    private final LogListener log = fanOut.andThen(board);
    private final RepositoriesRoute route = new RepositoriesRoute(fanOut, board, CLOCK, request -> true, Runnable::run);

    @Test
    void aRepositoryIsDescribedByItsLastAnnouncement() throws IOException {
        announce("test.example.org", "18446744073709551615", "T1700000000\n");

        Response response = route.get(TestRequest.get("/api/v1/repositories/test.example.org"));

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.body())
                .as("the revision as a number of full size, and as text for readers whose numbers are smaller")
                .isEqualTo(
                        "{\"repository\":\"test.example.org\",\"revision\":18446744073709551615,"
                                + "\"revision_text\":\"18446744073709551615\","
                                + "\"root_hash\":\"0123456789012345678901234567890123456789-rmd160\","
                                + "\"published\":\"2023-11-14T22:13:20Z\",\"announced\":\"2026-11-23T12:00:00Z\",\"subscribers\":0}");
    }

    @Test
    void aManifestWithoutATimeHasNoPublicationTime() throws IOException {
        announce("test.example.org", "1", "");

        assertThat(json("/api/v1/repositories/test.example.org")
                        .path("published")
                        .isNull())
                .isTrue();
    }

    @Test
    void theListHasAllRepositoriesByName() throws IOException {
        announce("b.example.org", "2", "");
        announce("a.example.org", "1", "");
        announce("b.example.org", "3", "");

        JsonNode list = json("/api/v1/repositories").path("repositories");

        assertThat(list.findValuesAsText("repository")).containsExactly("a.example.org", "b.example.org");
        assertThat(list.findValuesAsText("revision")).containsExactly("1", "3");
    }

    @Test
    void itsReplicasAreListedWithTheNewestAnnouncement() throws IOException {
        announce("watched.example.org", "7", "");

        JsonNode body = json("/api/v1/repositories/watched.example.org/replicas");

        assertThat(body.path("revision_text").textValue()).isEqualTo("7");
        assertThat(body.path("announced").textValue()).isEqualTo("2026-11-23T12:00:00Z");
        await().until(() -> json("/api/v1/repositories/watched.example.org/replicas")
                .at("/replicas/0/replica")
                .asText()
                .equals("127.0.0.1:1"));
    }

    @Test
    void aRepositoryWithoutWatchedReplicasHasAnEmptyList() throws IOException {
        announce("test.example.org", "7", "");

        assertThat(json("/api/v1/repositories/test.example.org/replicas").path("replicas"))
                .isEmpty();
    }

    @AfterEach
    void close() {
        board.close();
        network.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown.example.org",
                "unknown.example.org/replicas",
                "/replicas",
                "a/b/replicas",
                "",
                "../etc/passwd",
                "a/b",
                "-"
            })
    void whatIsNotKnownIsNotFound(String name) throws IOException {
        announce("test.example.org", "1", "");

        Response response = route.get(TestRequest.get("/api/v1/repositories/" + name));

        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).isEqualTo("{\"reason\":\"unknown_repository\",\"status\":\"error\"}");
    }

    @Test
    void itServesItsOwnPathsOnly() {
        assertThat(route.serves("/api/v1/repositories")).isTrue();
        assertThat(route.serves("/api/v1/repositories/x")).isTrue();
        assertThat(route.serves("/api/v1/repositoriesx")).isFalse();
        assertThat(route.serves("/api/v1/publish")).isFalse();
    }

    private JsonNode json(String path) throws IOException {
        return MAPPER.readTree(route.get(TestRequest.get(path)).body());
    }

    private void announce(String name, String revision, String furtherLines) {
        String manifest = "C0123456789012345678901234567890123456789-rmd160\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS"
                + revision + "\nN" + name + "\n" + furtherLines + "--\n";
        Instant now = Instant.parse("2026-11-23T12:00:00Z");
        log.delivered(new Announcement(
                ActivityMessage.announce(manifest.getBytes(UTF_8), now), new LogPosition("e", 1), now));
    }
}
