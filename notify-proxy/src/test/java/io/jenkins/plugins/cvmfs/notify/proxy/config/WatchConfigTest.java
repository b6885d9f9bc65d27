package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchConfigTest {

    private static final String HOLD =
            "\"hold\": [{\"name\": \"*\", \"replicas\": [\"http://s1/@fqrn@\", \"mount:/cvmfs/@fqrn@\"]}]";

    @TempDir
    Path folder;

    @Test
    void theReplicasOfAHoldAreWatchedButNoMounts() throws IOException {
        assertThat(replicas("{" + HOLD + "}", "a.example.org")).containsExactly("http://s1/@fqrn@");
        assertThat(replicas("{\"watch\": {\"hold\": false}, " + HOLD + "}", "a.example.org"))
                .isEmpty();
    }

    @Test
    void anExactNameCountsBeforeAPatternAndThoseOfTheHoldFollowEachOnce() throws IOException {
        String text = """
                {"watch": {"replicas": [
                    {"name": "*", "replicas": ["http://s2/@fqrn@", "http://s1/@fqrn@"]},
                    {"name": "a.example.org", "replicas": "http://s3/a"}]},
                 %s}
                """.formatted(HOLD);

        assertThat(replicas(text, "a.example.org")).containsExactly("http://s3/a", "http://s1/@fqrn@");
        assertThat(replicas(text, "b.example.org")).containsExactly("http://s2/@fqrn@", "http://s1/@fqrn@");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"watch": {"replicas": [{"name": "*", "replicas": "http://s1/x"}]}}          | has no @fqrn@ for the name
            {"watch": {"replicas": [{"name": "*", "replicas": []}]}}                     | 0 are named, allowed are 1 to 100
            {"watch": {"replicas": [{"name": "*", "replicas": "mount:/cvmfs/@fqrn@"}]}}  | is a mount, which is not watched
            {"watch": {"replicas": [{"name": "*", "replicas": "ftp://s1/@fqrn@"}]}}      | is neither an http, https or file URL
            {"watch": {"interval": "0s"}}                                                | is not in 1s..24h
            {"watch": {"intervall": "5s"}}                                               | interval
            """)
    void aMistakeIsNamed(String text, String problem) {
        assertThatThrownBy(() -> load(text)).hasMessageContaining("watch.").hasMessageContaining(problem);
    }

    private List<String> replicas(String text, String repository) throws IOException {
        ProxyConfig config = load(text);
        return config.operator().watch().replicasOf(new RepositoryName(repository), config.delivery());
    }

    private ProxyConfig load(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), text);
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
    }
}
