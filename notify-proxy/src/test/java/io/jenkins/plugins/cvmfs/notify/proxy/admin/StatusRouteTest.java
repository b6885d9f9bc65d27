package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusRouteTest {

    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemoryActivityLog log = new InMemoryActivityLog();
    private final FanOut fanOut = new FanOut(
            RepositoryLimits.defaults().withMaxRepositories(10), Duration.ofSeconds(1), Long.MAX_VALUE, CLOCK, meters);
    private final PublishService admission = Accesses.publishing(log, fanOut, Accesses.everyone(), 10, meters);
    private final StatusRoute status = new StatusRoute(log, admission, fanOut, CLOCK, meters, request -> true);

    StatusRouteTest() {
        log.start(fanOut);
    }

    @Test
    void theWholeHasTheServiceItsRepositoriesAndTheLatestAnnouncements() throws IOException {
        publish("a.example.org", 7);

        EndpointReply reply = status.get(EndpointRequest.of("/api/v1/status"));

        assertThat(reply.headers()).containsEntry("Cache-Control", "no-store");
        JsonNode all = json(reply.body());
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
    void onlyWhatHasChangedIsSaidAndNothingTwice() throws IOException {
        publish("a.example.org", 1);
        publish("b.example.org", 1);
        assertThat(status.changes()).isPresent();

        publish("b.example.org", 2);
        String changes = status.changes().orElseThrow();

        assertThat(json(changes).path("repositories")).singleElement().satisfies(row -> {
            assertThat(row.path("repository").textValue()).isEqualTo("b.example.org");
            assertThat(row.path("revision_text").textValue()).isEqualTo("2");
        });
        assertThat(json(changes).path("recent")).hasSize(1);
        assertThat(json(changes).has("service")).isFalse();
        assertThat(status.changes()).isEmpty();
    }

    @Test
    void aServiceThatShutsDownIsAChange() throws IOException {
        assertThat(status.changes()).isPresent();

        var unused = admission.drain();

        JsonNode service = json(status.changes().orElseThrow()).path("service");
        assertThat(service.path("shutting_down").booleanValue()).isTrue();
        assertThat(service.path("ready").booleanValue()).isFalse();
    }

    @Test
    void whoeverMayNotLookIsAskedForCredentials() {
        StatusRoute guarded = new StatusRoute(
                log,
                admission,
                fanOut,
                CLOCK,
                meters,
                request -> request.header("Authorization").isPresent());

        EndpointReply refused = guarded.get(EndpointRequest.of("/api/v1/status"));
        EndpointReply shown = guarded.get(new EndpointRequest("/api/v1/status", Map.of("Authorization", "Bearer t")));

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.headers()).containsEntry("WWW-Authenticate", "Bearer realm=\"cvmfs-notify\"");
        assertThat(refused.body()).isEqualTo("{\"reason\":\"credentials_needed\",\"status\":\"error\"}");
        assertThat(shown.status()).isEqualTo(200);
    }

    private void publish(String repository, long revision) {
        admission
                .submit(Activities.message(repository, revision).raw(), Accesses.stranger())
                .join();
    }

    private static JsonNode json(String text) throws IOException {
        return new JsonMapper().readTree(text.getBytes(UTF_8));
    }
}
