package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
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

    @Test
    void itIsToldOfReadableRevisionsByTheQuorumOfTheHoldOrItsOwn() throws IOException {
        String entry = "{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"body\": \"github\", \"event\":"
                + " \"readable\"%s}";
        String more = """
            , "hold": [{"name": "sw.example.org", "require": "majority",
                        "replicas": ["http://a/@fqrn@", "http://b/@fqrn@", "http://c/@fqrn@", "mount:/cvmfs/@fqrn@"]}],
            "watch": {"replicas": [{"name": "*.example.org", "replicas": ["http://a/@fqrn@", "http://far/@fqrn@"]}]}
            """;
        ProxyConfig config = loadAll(entry.formatted(""), more);
        WebhookConfig webhook = config.delivery().webhooks().get(0);
        WatchConfig watch = config.operator().watch();

        assertThat(webhook.event()).isEqualTo(WebhookConfig.Event.READABLE);
        assertThat(watch.quorumOf(new RepositoryName("sw.example.org"), config.delivery(), Optional.empty()))
                .hasValueSatisfying(quorum -> assertThat(quorum.needed()).isEqualTo(2))
                .hasValueSatisfying(quorum -> assertThat(quorum.replicas())
                        .extracting(Object::toString)
                        .containsExactlyInAnyOrder(
                                "http://a/sw.example.org", "http://b/sw.example.org", "http://c/sw.example.org"));
        assertThat(watch.quorumOf(new RepositoryName("data.example.org"), config.delivery(), Optional.empty()))
                .hasValueSatisfying(quorum -> assertThat(quorum.needed()).isEqualTo(2));
        assertThat(watch.quorumOf(
                        new RepositoryName("sw.example.org"), config.delivery(), Optional.of(new Requirement("any"))))
                .hasValueSatisfying(quorum -> assertThat(quorum.needed()).isEqualTo(1));
        assertThat(watch.quorumOf(new RepositoryName("sw.example.net"), config.delivery(), Optional.empty()))
                .isEmpty();
        assertThat(loadAll(entry.formatted(", \"require\": 1"), more)
                        .delivery()
                        .webhooks()
                        .get(0)
                        .require())
                .contains(new Requirement("1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        "event": "readable"                                                        | {}                     | ci is to wait for replicas, but none are watched
        "event": "readable"                                                        | {"max_replicas": 0}    | watch.max_replicas is 0
        "event": "readable", "repositories": "sw.example.org"                      | {"replicas": [ENTRY]}  | none of sw.example.org are watched; name them in watch.replicas or hold
        "event": "readable", "repositories": "data.example.org", "require": 3      | {"replicas": [ENTRY]}  | requirement 3 exceeds the number of replicas, 1
        """)
    void oneThatWaitsForReplicasThatThereAreNotIsNamed(String keys, String watch, String problem) {
        String entry =
                "{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"body\": \"github\", %s}".formatted(keys);
        String replicas = "{\"name\": \"data.example.org\", \"replicas\": [\"http://a/data.example.org\"]}";

        assertThatThrownBy(() -> loadAll(entry, ", \"watch\": " + watch.replace("ENTRY", replicas)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("webhooks[0].event: ")
                .hasMessageContaining(problem);
    }

    @Test
    void aQuorumWithoutReadableIsAMistake() {
        assertThatThrownBy(() -> load("{\"name\": \"ci\", \"url\": \"https://ci.example.org/\", \"body\": \"github\","
                        + " \"require\": \"any\"}"))
                .hasMessageContaining("webhooks[0]: require: it has an effect only with the event readable");
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
        return loadAll(entries, "").delivery().webhooks();
    }

    private ProxyConfig loadAll(String entries, String more) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "{\"webhooks\": [%s]%s}".formatted(entries, more));
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
    }
}
