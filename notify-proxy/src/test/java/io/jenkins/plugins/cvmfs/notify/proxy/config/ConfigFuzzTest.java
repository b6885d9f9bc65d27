package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stands in the file or the environment, it is a configuration or a list of what is wrong with it. */
class ConfigFuzzTest {

    private static final String SECRET = "s3cret-of-the-broker";
    private static final String ORIGINAL = """
            {"port": 4930, "log_level": "info",
             "amqp": {"url": "localhost", "port": 5672, "vhost": "/cvmfs", "exchange": "repository.activity",
                      "user": "worker", "pass": "%s"}}
            """.formatted(SECRET);

    @TempDir
    Path folder;

    private static String everyKey() {
        Map<String, String> sections = ConfigKey.ALL.stream()
                .filter(key -> key.path().contains("."))
                .collect(Collectors.groupingBy(
                        key -> key.path().substring(0, key.path().indexOf('.')),
                        Collectors.mapping(
                                key -> "\"%s\": 1"
                                        .formatted(
                                                key.path().substring(key.path().indexOf('.') + 1)),
                                Collectors.joining(", ", "{", "}"))));
        return sections.entrySet().stream()
                .map(section -> "\"%s\": %s".formatted(section.getKey(), section.getValue()))
                .collect(Collectors.joining(",\n", "{", "}"));
    }

    private static String[] words() {
        return ConfigKey.ALL.stream()
                .map(key -> "\"" + key.path().substring(key.path().lastIndexOf('.') + 1) + "\": ")
                .toArray(String[]::new);
    }

    @Test
    void anyFileIsAConfigurationOrAListOfProblems() {
        Path file = folder.resolve("config.json");
        int[] loaded = {0};
        Fuzz.of(ORIGINAL, everyKey(), "{}", "{\"standalone\": true, \"limits\": {\"idle_timeout\": \"5m\"}}")
                .words(words())
                .words("[", "{\"amqp\": ", "\"1h\"", "true", "null", "/* */")
                .each(500, (input, random) -> {
                    Files.write(file, input);
                    if (isLoaded(new ConfigSources(Optional.of(file), Map.of(), List.of()))) {
                        loaded[0]++;
                    }
                });
        assertThat(loaded[0]).as("both outcomes occur").isPositive();
    }

    @Test
    void anyTextIsAValueOrAProblem() {
        int[] loaded = {0};
        Fuzz.of(
                        "4930",
                        "5m",
                        "16MiB",
                        "true",
                        "/var/lib/cvmfs-notify",
                        "mq1.example.org,mq2.example.org",
                        "info",
                        "::1")
                .words("1h", "ms", "KiB", ",", "/", "..", "-", "_", "E", "\u0661")
                .each(1_000, (input, random) -> {
                    ConfigKey<?> key = ConfigKey.ALL.get(random.nextInt(ConfigKey.ALL.size()));
                    String value = new String(input, StandardCharsets.UTF_8).replace("\0", "");
                    if (isLoaded(new ConfigSources(Optional.empty(), Map.of(key.variable(), value), List.of()))) {
                        loaded[0]++;
                    }
                });
        assertThat(loaded[0]).as("both outcomes occur").isGreaterThan(10);
    }

    private static boolean isLoaded(ConfigSources sources) {
        try {
            LoadedConfig config = ConfigLoader.load(sources);
            assertThat(config.settings().toString()).doesNotContain(SECRET);
            return true;
        } catch (ConfigException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem.toString())
                            .doesNotContain(SECRET)
                            .matches("[^\\p{Cc}]{1,5000}"));
            return false;
        }
    }
}
