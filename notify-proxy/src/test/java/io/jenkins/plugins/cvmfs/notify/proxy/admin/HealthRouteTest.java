package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HealthRouteTest {

    private static final LogState READY = new LogState("stream", true, true, "connected to mq.example.org");

    private final ScriptedLog log = new ScriptedLog();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final PublishService publishService = Accesses.publishing(log, fanOut, Accesses.everyone(), 10, meters);
    private final HealthRoute route = new HealthRoute(log, publishService);

    @Test
    void aProxyWithItsLogIsReadyAndSaysWhichLogItIs() throws IOException {
        log.state = READY;

        Response response = route.get(TestRequest.get("/readyz"));

        assertThat(response.status()).isEqualTo(200);
        assertThat(json(response))
                .isEqualTo(new JsonMapper()
                        .readTree(
                                "{\"status\":\"ok\",\"log\":{\"kind\":\"stream\",\"can_append\":true,\"is_tailing\":true,"
                                        + "\"detail\":\"connected to mq.example.org\"}}"));
    }

    @Test
    void aLogThatIsAwayMakesItUnreadyWithReasonsButNotUnhealthy() throws IOException {
        log.state = new LogState("queue", false, false, "cannot connect to mq.example.org: connection refused");

        Response ready = route.get(TestRequest.get("/readyz"));
        Response health = route.get(TestRequest.get("/healthz"));

        assertThat(ready.status()).isEqualTo(503);
        assertThat(json(ready).path("status").asText()).isEqualTo("error");
        assertThat(json(ready).path("reasons"))
                .extracting(JsonNode::asText)
                .containsExactly(
                        "announcements cannot be published", "announcements of others do not reach this proxy");
        assertThat(json(ready).path("log").path("detail").asText()).contains("connection refused");
        assertThat(health.status()).isEqualTo(200);
    }

    @Test
    void aRelayWithoutItsUpstreamKeepsItsClientsAndSaysSinceWhen() throws IOException {
        log.state = new LogState(
                LogState.UPSTREAM,
                false,
                false,
                "no connection",
                Instant.parse("2026-11-28T09:00:00Z"),
                List.of("site", "region"));

        Response ready = route.get(TestRequest.get("/readyz"));

        assertThat(ready.status()).isEqualTo(200);
        assertThat(json(ready).path("status").asText()).isEqualTo("degraded");
        assertThat(json(ready).path("reasons")).hasSize(2);
        assertThat(json(ready).path("log").path("since").asText()).isEqualTo("2026-11-28T09:00:00Z");
        assertThat(json(ready).path("log").path("relays"))
                .extracting(JsonNode::asText)
                .containsExactly("site", "region");
    }

    @Test
    void aRelayThatRefusesPublishesIsReady() throws IOException {
        log.state = new LogState(LogState.UPSTREAM, false, true, "connected");

        assertThat(json(route.get(TestRequest.get("/readyz"))).path("status").asText())
                .isEqualTo("ok");
    }

    @Test
    void aProxyThatShutsDownIsNotReady() throws IOException {
        log.state = READY;
        publishService.drain().join();

        Response response = route.get(TestRequest.get("/readyz"));

        assertThat(response.status()).isEqualTo(503);
        assertThat(json(response).path("reasons")).extracting(JsonNode::asText).containsExactly("shutting down");
    }

    @Test
    void itServesItsOwnPathsOnly() {
        assertThat(route.serves("/healthz")).isTrue();
        assertThat(route.serves("/readyz")).isTrue();
        assertThat(route.serves("/api/v1/readyz")).isTrue();
        assertThat(route.serves("/")).isFalse();
    }

    private static JsonNode json(Response response) throws IOException {
        return new JsonMapper().readTree(response.body());
    }

    private static final class ScriptedLog implements ActivityLog {

        private LogState state = READY;

        @Override
        public LogState state() {
            return state;
        }

        @Override
        public void start(LogListener tail) {}

        @Override
        public CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> forget(RepositoryName repository) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> follow(RepositoryName repository) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {}
    }
}
