package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_795_468_400);
    private static final URI CI = URI.create("https://ci.example.org/hooks/4f5a?token=hidden");
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    @Test
    void theSignatureIsThatOfTheSpecificationsExample() {
        SecretKeySpec key = new SecretKeySpec(
                Base64.getDecoder().decode(Webhooked.SECRET.substring("whsec_".length())), "HmacSHA256");

        assertThat(Webhook.signatures(
                        List.of(key), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}"))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void eachSecretSignsWhileOneReplacesAnother() throws IOException {
        Path second = Files.writeString(
                folder.resolve("second"), "whsec_" + Base64.getEncoder().encodeToString(new byte[32]));
        Message both = message(config(CI, Body.CLOUDEVENTS, Webhooked.secretFile(folder), second));
        Message first = message(config(CI, Body.CLOUDEVENTS, Webhooked.secretFile(folder)));
        Message other = message(config(CI, Body.CLOUDEVENTS, second));

        assertThat(both.headers().get("webhook-signature"))
                .isEqualTo(first.headers().get("webhook-signature") + " "
                        + other.headers().get("webhook-signature"));
        assertThat(both.headers()).containsEntry("webhook-timestamp", "1795468400");
    }

    @Test
    void theBodyIsTheCloudEventThatSubscribersPrint() throws IOException {
        Message message = message(config(CI, Body.CLOUDEVENTS, Webhooked.secretFile(folder)));

        assertThat(message.contentType()).isEqualTo("application/cloudevents+json; charset=utf-8");
        assertThat(JSON.readTree(message.body())).isEqualTo(JSON.readTree("""
            {"specversion": "1.0", "type": "io.jenkins.plugins.cvmfs.notify.announced", "source": "urn:cvmfs-notify:webhook:ci",
             "subject": "sw.example.org", "id": "42-1795468395-000000000000000000000000000000000000002a",
             "time": "2026-11-23T21:13:15Z", "datacontenttype": "application/json",
             "data": {"repository": "sw.example.org", "revision": 42, "revision_text": "42",
                      "root_hash": "000000000000000000000000000000000000002a", "published": "2026-11-23T21:13:15Z",
                      "announced": "2026-11-23T12:00:00Z"}}
            """));
    }

    @Test
    void theIdFollowsFromWebhookRepositoryAndRevisionAlone() {
        Webhook webhook = Webhook.read(config(CI, Body.CLOUDEVENTS, Webhooked.secretFile(folder)));
        String id = webhook.id(announcement("sw.example.org", 42));

        assertThat(id).matches("msg_[0-9a-f]{32}");
        assertThat(webhook.id(announcement("sw.example.org", 42, NOW))).isEqualTo(id);
        assertThat(webhook.id(announcement("sw.example.org", 43))).isNotEqualTo(id);
        assertThat(webhook.id(announcement("data.example.org", 42))).isNotEqualTo(id);
        assertThat(webhook.idOfRollback(announcement("sw.example.org", 42)))
                .isNotEqualTo(id)
                .isNotEqualTo(webhook.idOfRollback(announcement("sw.example.org", 42, NOW)));
        assertThat(webhook.message(announcement("sw.example.org", 42), id, NOW).headers())
                .containsEntry("webhook-id", id);
    }

    @Test
    void gitHubGetsARepositoryDispatchWithItsAuthorization() throws IOException {
        Path headers = Files.writeString(folder.resolve("headers"), "Authorization: Bearer of-github\n\nX-Other: 1\n");
        WebhookConfig config = new WebhookConfig(
                "ci",
                CI,
                Event.ANNOUNCED,
                Optional.empty(),
                List.of(new RepositoryPattern("*")),
                List.of(),
                Optional.of(headers),
                Body.GITHUB,
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                false);
        Message message = message(config);
        JsonNode body = JSON.readTree(message.body());

        assertThat(body.path("event_type").asText()).isEqualTo("cvmfs-announced");
        assertThat(body.path("client_payload").path("revision").asInt()).isEqualTo(42);
        assertThat(body.path("client_payload").size()).isLessThanOrEqualTo(10);
        assertThat(message.headers())
                .containsEntry("Authorization", "Bearer of-github")
                .containsEntry("X-Other", "1")
                .containsEntry("Accept", "application/vnd.github+json")
                .doesNotContainKey("webhook-signature");
        assertThat(message.toString() + config).doesNotContain("of-github", "hidden", "4f5a");
    }

    @Test
    void gitLabGetsVariablesOfATriggeredPipeline() {
        Message message = message(config(CI, Body.GITLAB));

        assertThat(message.contentType()).isEqualTo("application/x-www-form-urlencoded");
        assertThat(message.body())
                .isEqualTo("variables%5BCVMFS_EVENT%5D=announced&variables%5BCVMFS_FQRN%5D=sw.example.org"
                        + "&variables%5BCVMFS_REVISION%5D=42"
                        + "&variables%5BCVMFS_ROOT_HASH%5D=000000000000000000000000000000000000002a");
    }

    @Test
    void eachBodySaysThatTheRevisionIsReadable() throws IOException {
        Message event = message(config(CI, Event.READABLE, null, Body.CLOUDEVENTS, Webhooked.secretFile(folder)));
        JsonNode json = JSON.readTree(event.body());

        assertThat(json.path("type").asText()).isEqualTo("io.jenkins.plugins.cvmfs.notify.readable");
        assertThat(json.path("id").asText())
                .isEqualTo(event.headers().get("webhook-id"))
                .isNotEqualTo(message(config(CI, Body.CLOUDEVENTS, Webhooked.secretFile(folder)))
                        .headers()
                        .get("webhook-id"));
        assertThat(JSON.readTree(message(config(CI, Event.READABLE, null, Body.GITHUB))
                                .body())
                        .path("event_type")
                        .asText())
                .isEqualTo("cvmfs-readable");
        assertThat(message(config(CI, Event.READABLE, null, Body.GITLAB)).body())
                .startsWith("variables%5BCVMFS_EVENT%5D=readable&");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_!MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    void aSecretThatIsNoneIsRefusedWithoutShowingIt(String secret) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong"), secret);

        assertThatThrownBy(() -> Webhook.read(config(CI, Body.CLOUDEVENTS, file)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("webhook ci: file " + file)
                .hasMessageContaining("24 to 64 bytes")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(secret));
    }

    private static Message message(WebhookConfig config) {
        Webhook webhook = Webhook.read(config);
        Announcement announcement = announcement("sw.example.org", 42);
        return webhook.message(announcement, webhook.id(announcement), NOW);
    }
}
