package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookConfigTest {

    @TempDir
    Path folder;

    private Path secret;

    @BeforeEach
    void writeSecret() throws IOException {
        secret = Files.writeString(folder.resolve("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    }

    @Test
    void anEntryNeedsANameAUrlAndASecret() throws IOException {
        WebhookConfig webhook =
                load("{\"name\": \"ci\", \"url\": \"https://ci.example.org:8443/hook/4f5a\", \"secret_files\": \"%s\"}"
                                .formatted(secret))
                        .get(0);

        assertThat(webhook.isFor(new RepositoryName("any.example.org"))).isTrue();
        assertThat(webhook.body()).isEqualTo(Body.CLOUDEVENTS);
        assertThat(webhook.timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(webhook.giveUpAfter()).isEqualTo(Duration.ofHours(24));
        assertThat(webhook.allowPrivate()).isFalse();
        assertThat(webhook.readKeys()).hasSize(1);
        assertThat(webhook).hasToString("webhook ci to https://ci.example.org:8443");
    }

    @Test
    void itIsToldOfTheRepositoriesThatItNames() throws IOException {
        WebhookConfig webhook = load("""
                {"name": "ci", "url": "https://ci.example.org/", "body": "gitlab", "repositories": ["sw.example.org", "*.example.com"]}
                """).get(0);

        assertThat(webhook.isFor(new RepositoryName("sw.example.org"))).isTrue();
        assertThat(webhook.isFor(new RepositoryName("a.example.com"))).isTrue();
        assertThat(webhook.isFor(new RepositoryName("data.example.org"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ftp://ci.example.org/hidden         | does not begin with https://
            https://user:hidden@ci.example.org/ | has a user's name
            https:///hidden                     | has no host
            https://ci.example.org/hidden path  | is malformed
            https://ci.example.org/#hidden      | has a fragment
            """)
    void aUrlThatCannotBeUsedIsNotShown(String url, String problem) {
        assertThatThrownBy(() -> load("{\"name\": \"ci\", \"url\": \"%s\", \"body\": \"github\"}".formatted(url)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("webhooks[0].url")
                .hasMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
    }

    @Test
    void aCloudEventWithoutASecretIsRefusedWithTheCommandThatMakesOne() {
        assertThatThrownBy(() -> load("{\"name\": \"ci\", \"url\": \"https://ci.example.org/\"}"))
                .hasMessageContaining("webhooks[0]")
                .hasMessageContaining("openssl rand -base64 32");
    }

    @Test
    void credentialsInHeadersNeedTls() throws IOException {
        Path headers = Files.writeString(folder.resolve("headers"), "Authorization: Bearer hidden\n");
        String entry = "{\"name\": \"ci\", \"url\": \"%s\", \"body\": \"github\", \"headers_file\": \"%s\"}";

        assertThat(load(entry.formatted("https://ci.example.org/", headers))
                        .get(0)
                        .readHeaders())
                .containsExactly(Map.entry("Authorization", "Bearer hidden"));
        assertThatThrownBy(() -> load(entry.formatted("http://ci.example.org/", headers)))
                .hasMessageContaining("must begin with https://");
    }

    @Test
    void aFileThatCannotBeUsedIsNamedBeforeTheServiceStarts() throws IOException {
        Files.writeString(secret, "guessable");
        Path headers = Files.writeString(folder.resolve("headers"), "Authorization hidden\n");

        assertThatThrownBy(
                        () -> load("{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"secret_files\": \"%s\"}"
                                .formatted(secret)))
                .hasMessageContaining("webhooks[0]")
                .hasMessageContaining("file " + secret + " must hold whsec_")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("guessable"));
        assertThatThrownBy(() -> load(
                        "{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"body\": \"github\", \"headers_file\": \"%s\"}"
                                .formatted(headers)))
                .hasMessageContaining("line 1, is not a header")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden"));
    }

    @Test
    void twoWebhooksOfOneNameAreRefused() {
        String entry = "{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"body\": \"github\"}";

        assertThatThrownBy(() -> load(entry + ", " + entry)).hasMessageContaining("webhooks: two have the same name");
    }

    private List<WebhookConfig> load(String entries) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "{\"webhooks\": [%s]}".formatted(entries));
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config()
                .delivery()
                .webhooks();
    }
}
