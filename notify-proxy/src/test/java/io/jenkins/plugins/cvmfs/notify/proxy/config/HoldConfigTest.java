package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldConfigTest {

    private static final RepositoryName A = new RepositoryName("a.example.org");

    @TempDir
    Path folder;

    @Test
    void anEntryHasReplicasCachesARequirementAndATime() throws IOException {
        DeliveryConfig config = load("""
                {"name": "*", "replicas": "http://s1.example.org/cvmfs/@fqrn@",
                 "caches": ["http://squid.example.org:3128"], "require": "majority", "longest": "2m"}
                """);

        assertThat(config.holdOf(A)).hasValueSatisfying(entry -> {
            assertThat(entry.locations(A)).singleElement().hasToString("http://s1.example.org/cvmfs/a.example.org");
            assertThat(entry.caches()).containsExactly(HttpCache.parse("http://squid.example.org:3128"));
            assertThat(entry.require()).isEqualTo(Requirement.MAJORITY);
            assertThat(entry.longest()).isEqualTo(Duration.ofMinutes(2));
        });
    }

    @Test
    void everyReplicaIsRequiredForFiveMinutesUnlessTheEntrySaysOtherwise() throws IOException {
        assertThat(load("{\"name\": \"*\", \"replicas\": [\"/srv/@fqrn@\"]}").holdOf(A))
                .hasValueSatisfying(entry -> {
                    assertThat(entry.require()).isEqualTo(Requirement.ALL);
                    assertThat(entry.longest()).isEqualTo(Duration.ofMinutes(5));
                    assertThat(entry.caches()).isEmpty();
                });
    }

    @Test
    void anExactNameCountsBeforeAPatternAndAnEarlierPatternBeforeALaterOne() throws IOException {
        DeliveryConfig config = load("""
                {"name": "*.example.org", "replicas": "/1/@fqrn@"}, {"name": "*", "replicas": "/2/@fqrn@"},
                {"name": "a.example.org", "replicas": "/3"}
                """);

        assertThat(replicas(config, "a.example.org")).containsExactly("/3");
        assertThat(replicas(config, "b.example.org")).containsExactly("/1/@fqrn@");
        assertThat(replicas(config, "c.example.net")).containsExactly("/2/@fqrn@");
    }

    @Test
    void aRepositoryWithoutAnEntryIsNotHeld() throws IOException {
        assertThat(load("{\"name\": \"b.example.org\", \"replicas\": \"/1\"}").holdOf(A))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"all, 3", "majority, 2", "any, 1", "2, 2", "4, 3"})
    void theRequirementCountsCachesToo(String require, int caches) {
        HoldConfig entry = new HoldConfig(
                new RepositoryPattern("*"),
                List.of("http://1/@fqrn@", "http://2/@fqrn@", "http://3/@fqrn@", "http://4/@fqrn@"),
                List.of(HttpCache.parse("http://a:1"), HttpCache.parse("http://b:1"), HttpCache.parse("http://c:1")),
                new Requirement(require),
                Duration.ofMinutes(5));

        assertThat(entry.neededCaches()).isEqualTo(caches);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"replicas\": []|replicas: 0 are named, allowed are 1 to 100",
                "\"replicas\": \"http://s1/cvmfs/sw\"|replicas: 'http://s1/cvmfs/sw' has no @fqrn@ for the name, but * names many",
                "\"replicas\": [\"/1/@fqrn@\", \"/1/@fqrn@\"]|replicas: one is named twice",
                "\"replicas\": \"ftp://s1/@fqrn@\"|ftp",
                "\"replicas\": \"/1/@fqrn@\", \"require\": 2|requirement 2 exceeds the number of replicas, 1",
                "\"replicas\": \"/1/@fqrn@\", \"require\": \"most\"|requirement 'most' must be",
                "\"replicas\": \"/1/@fqrn@\", \"caches\": \"http://squid:3128\"|caches: they keep files of http URLs only, and '/1/@fqrn@'",
                "\"replicas\": \"http://1/@fqrn@\", \"caches\": \"squid:3128\"|the HTTP cache's URL",
                "\"replicas\": \"/1/@fqrn@\", \"longest\": 0|0ms is not in 1s..24h",
                "\"replicas\": \"/1/@fqrn@\", \"longst\": 1|unknown key; did you mean longest?",
                "\"require\": \"all\"|the required key replicas is missing"
            })
    void aMistakeIsNamed(String keys, String message) {
        assertThatThrownBy(() -> load("{\"name\": \"*\", " + keys + "}")).hasMessageContaining(message);
    }

    private static List<String> replicas(DeliveryConfig config, String repository) {
        return config.holdOf(new RepositoryName(repository)).orElseThrow().replicas();
    }

    private DeliveryConfig load(String entries) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), "{\"hold\": [" + entries + "]}");
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config()
                .delivery();
    }
}
