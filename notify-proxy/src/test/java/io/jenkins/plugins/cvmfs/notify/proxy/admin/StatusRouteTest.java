package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusRouteTest {

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemoryActivityLog log = new InMemoryActivityLog();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10), Duration.ofSeconds(1), Long.MAX_VALUE, Redeliveries.off(), CLOCK, meters);
    private final PublishService publishService = Accesses.publishing(log, fanOut, Accesses.everyone(), 10, meters);
    private final ReplicaNetwork replicas = new ReplicaNetwork();
    private final ReplicaBoard board = new ReplicaBoard(TestConfigs.standalone(0), replicas, List::of, CLOCK, meters);
    private final Hold hold = new Hold(TestConfigs.delivery(), fanOut, Optional.empty(), replicas, CLOCK, meters);
    private final StatusRoute status =
            new StatusRoute(log, publishService, fanOut, hold, board, CLOCK, meters, Runnable::run);

    StatusRouteTest() {
        log.start(fanOut);
    }

    @Test
    void itShowsTheServiceItsRepositoriesAndTheLatestAnnouncements() throws IOException {
        publish("a.example.org", 7);

        Response response = status.get(TestRequest.get("/api/v1/status"));

        assertThat(response.headerLines()).contains("Cache-Control: no-store\r\n");
        JsonNode all = json(response.body());
        assertThat(all.at("/service/ready").booleanValue()).isTrue();
        assertThat(all.at("/service/log/kind").textValue()).isNotEmpty();
        assertThat(all.at("/repositories/0/repository").textValue()).isEqualTo("a.example.org");
        assertThat(all.at("/repositories/0/revision_text").textValue()).isEqualTo("7");
        assertThat(all.at("/repositories/0/announced_last_hour").intValue()).isEqualTo(1);
        assertThat(all.at("/recent/0/sequence").intValue()).isEqualTo(1);
        assertThat(all.at("/recent/0/audience").intValue()).isZero();
        assertThat(all.at("/recent/0/propagation_ms").isNull()).isTrue();
    }

    @Test
    void eachAnnouncementChangesItsRepositoryAndTheListOfTheLatest() throws IOException {
        publish("a.example.org", 1);
        publish("b.example.org", 1);
        publish("b.example.org", 2);

        JsonNode all = json(status.get(TestRequest.get("/api/v1/status")).body());

        assertThat(all.path("repositories")).hasSize(2);
        assertThat(all.at("/repositories/1/repository").textValue()).isEqualTo("b.example.org");
        assertThat(all.at("/repositories/1/revision_text").textValue()).isEqualTo("2");
        assertThat(all.path("recent").findValuesAsText("sequence")).containsExactly("1", "2", "3");
    }

    @Test
    void aServiceThatShutsDownSaysSo() throws IOException {
        var unused = publishService.drain();

        JsonNode service =
                json(status.get(TestRequest.get("/api/v1/status")).body()).path("service");

        assertThat(service.path("shutting_down").booleanValue()).isTrue();
        assertThat(service.path("ready").booleanValue()).isFalse();
    }

    /** Many pages poll at once. */
    @Test
    void oneResponseServesAllWhoAskAtTheSameTime() {
        Response first = TestRequest.answer(status, TestRequest.get("/api/v1/status"));
        publish("a.example.org", 1);

        assertThat(TestRequest.answer(status, TestRequest.get("/api/v1/status")))
                .isSameAs(first);
    }

    @Test
    void aStatusThatDiffersInItsTimeOnlyIsNotSentAgain() throws IOException {
        Iterator<Instant> times = List.of(
                        Instant.EPOCH, Instant.EPOCH, Instant.ofEpochSecond(7), Instant.ofEpochSecond(8))
                .iterator();
        Clock clock = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Instant instant() {
                return times.next();
            }
        };
        StatusRoute route = new StatusRoute(log, publishService, fanOut, hold, board, clock, meters, Runnable::run);
        Response first = route.get(TestRequest.get("/api/v1/status"));
        Response later = route.get(TestRequest.get("/api/v1/status"));
        publish("a.example.org", 1);
        Response changed = route.get(TestRequest.get("/api/v1/status"));

        assertThat(json(first.body()).path("now").textValue()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(json(later.body()).path("now").textValue()).isEqualTo("1970-01-01T00:00:07Z");
        assertThat(tag(later)).startsWith("W/\"").isEqualTo(tag(first)).isNotEqualTo(tag(changed));
        Request knowing = TestRequest.get("/api/v1/status", "If-None-Match", tag(first));
        assertThat(later.unlessKnownTo(knowing).status()).isEqualTo(304);
        assertThat(changed.unlessKnownTo(knowing)).isSameAs(changed);
    }

    private static String tag(Response response) {
        return response.headerLines().replaceFirst("(?s).*ETag: ([^\r]+)\r.*", "$1");
    }

    @Test
    void aClientWithoutTheRightIsAskedForCredentials() {
        GuardedRoute guarded = new GuardedRoute(
                status, request -> request.header("Authorization").isPresent());

        Response refused = TestRequest.answer(guarded, TestRequest.get("/api/v1/status"));
        Response shown = TestRequest.answer(guarded, TestRequest.get("/api/v1/status", "Authorization", "Bearer t"));

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.headerLines()).contains("WWW-Authenticate: Bearer realm=\"cvmfs-notify\"\r\n");
        assertThat(refused.body()).isEqualTo("{\"reason\":\"credentials_needed\",\"status\":\"error\"}");
        assertThat(shown.status()).isEqualTo(200);
    }

    private void publish(String repository, long revision) {
        publishService
                .submit(Activities.message(repository, revision).raw(), Accesses.stranger(), List.of())
                .join();
    }

    private static JsonNode json(String text) throws IOException {
        return new JsonMapper().readTree(text.getBytes(UTF_8));
    }
}
