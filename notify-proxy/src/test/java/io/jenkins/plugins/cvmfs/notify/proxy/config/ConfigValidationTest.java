package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
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

class ConfigValidationTest {

    @TempDir
    Path folder;

    @Test
    void everythingWrongIsReportedTogetherWithItsPlace() throws IOException {
        // Given faults of every kind in the file, the environment and on the command line
        Path file = file("""
                {
                  "port": 70000,
                  "log_level": "loud",
                  "amqp": {
                    "port": "5672",
                    "usr": "worker",
                    "url": "amqp://mq.example.org",
                    "tls": 1,
                    "tls": true,
                    "confirm_timeout": "10 minutes"
                  },
                  "stalled_timeout": 5,
                  "limits": []
                }
                """);
        Map<String, String> environment = Map.of("CVMFS_NOTIFY_STANDALONE", "yes");
        Assignment option = new Assignment("--set", "limits.backlog_bytes", "1TiB");

        ConfigException thrown = failure(file, environment, option);

        String at = " (file " + file + ", line ";
        assertThat(thrown)
                .hasMessage(String.join(
                        "\n",
                        "port: 70000 is not in 0..65535" + at + "2)",
                        "log_level: 'loud' is not one of trace, debug, info, warn, error" + at + "3)",
                        "amqp.port: '5672' is not a whole number" + at + "5)",
                        "amqp.usr: unknown key; did you mean amqp.user?" + at + "6)",
                        "amqp.url: 'amqp://mq.example.org' is not a host name or address, or several with commas between them"
                                + " (no scheme, no port)" + at + "7)",
                        "amqp.tls: 1 is not true or false" + at + "8)",
                        "amqp.tls: duplicate key; first in line 8" + at + "9)",
                        "amqp.confirm_timeout: '10 minutes' is not a duration such as 10 (seconds), \"250ms\", \"10s\","
                                + " \"2m\" or \"1h\"" + at + "10)",
                        "stalled_timeout: unknown key; did you mean limits.stalled_timeout?" + at + "12)",
                        "limits: must be an object with further keys" + at + "13)",
                        "standalone: 'yes' is not true or false (environment variable CVMFS_NOTIFY_STANDALONE)",
                        "limits.backlog_bytes: 1TiB is not in 1KiB..64MiB (command line, --set)"));
    }

    @Test
    void aFileNameThatCannotBePrintedIsNone() throws IOException {
        ConfigException thrown = failure(file("{\"state_dir\": \"/var/lib/a\\nb\"}"), Map.of());

        assertThat(thrown)
                .hasMessageStartingWith("state_dir: '/var/lib/a?b' is not the path of a file: it is too long, or has");
    }

    @Test
    void aSchemaIsNamedAtTheTopOfTheFileOnly() throws IOException {
        ConfigException thrown = failure(file("""
                {"$schema": "config.schema.json",
                 "repositories": [{"name": "a.example.org", "$schema": "config.schema.json"}]}
                """), Map.of());

        assertThat(thrown.problems()).hasSize(1);
        assertThat(thrown).hasMessageStartingWith("repositories[0].$schema: unknown key");
    }

    @Test
    void aVeryLongNameIsRefusedWithoutGuessing() throws IOException {
        ConfigException thrown = failure(file("{\"" + "limits.".repeat(5_000) + "\": 1}"), Map.of());

        assertThat(thrown).hasMessageContaining("unknown key").hasMessageNotContaining("did you mean");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {                                    | : is not valid JSON
                    []                                   | must hold one JSON object
                    {} {}                                | holds more than one JSON object
                    {"amqp": {"user": null}}             | amqp.user: null is not text
                    {"amqp": {"url": ""}}                | amqp.url: '' is not a host name
                    {"amqp": {"stream": "maybe"}}        | amqp.stream: 'maybe' is not one of auto, required, off
                    {"amqp": {"heartbeat": "0ms"}}       | amqp.heartbeat: 0ms is not in 1s..1h
                    {"amqp": {"heartbeat": true}}        | amqp.heartbeat: true is not a duration
                    {"amqp": {"pass": 12345678}}         | amqp.pass: the value is not text
                    {"port": 80.5}                       | port: 80.5 is not a whole number in 0..65535
                    {"port": 99999999999}                | port: 99999999999 is not a whole number in 0..65535
                    {"state_dir": {"a": {"b": 1}}}       | state_dir: an object is not the path of a file
                    {"limits": {"backlog_bytes": "9EB"}} | limits.backlog_bytes: '9EB' is not a size
                    {"limits": {"ping_interval": "5m"}}  | limits.ping_interval: 5m is not shorter than limits.idle_timeout, 2m
                    {"tls": {"cert_file": "a.pem"}}      | tls.cert_file and tls.key_file: both or none
                    {"tls": {"client_ca_file": "a.pem"}} | tls.client_ca_file: clients show certificates only with
                    {"http": {"proxy_protocol": true}}   | http.proxy_protocol: is accepted from http.trusted_proxies only
                    {"http": {"trusted_proxies": "nginx"}} | 'nginx' is not a range of IP addresses
                    {"http": {"allowed_origins": "https://a.example.org/"}} | is not an origin such as
                    {"amqp": {"key_file": "a.key"}}      | amqp.cert_file and amqp.key_file: both or none
                    {"amqp": {"stream_max_bytes": "999999999999TiB"}} | is not in 1MiB..1TiB
                    """)
    void aFaultInTheFileIsNamed(String json, String expected) throws IOException {
        ConfigException thrown = failure(file(json), Map.of());

        assertThat(thrown.problems()).hasSize(1);
        assertThat(": " + thrown.getMessage()).contains(expected);
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing.json");

        assertThat(failure(missing, Map.of())).hasMessage("there is no such file (file " + missing + ")");
    }

    @Test
    void aSecretIsNotTakenFromTheCommandLineNorShown() {
        Assignment option = new Assignment("--set", "amqp.pass", "hunter2");

        ConfigException thrown = failure(null, Map.of(), option);

        assertThat(thrown)
                .hasMessageContaining("amqp.pass: other users can see the command line")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aPasswordAndAPasswordFileInOneSourceContradict() throws IOException {
        ConfigException thrown = failure(file("{\"amqp\": {\"pass\": \"a\", \"pass_file\": \"b\"}}"), Map.of());

        assertThat(thrown).hasMessageContaining("amqp.pass_file: amqp.pass is given too");
    }

    @ParameterizedTest
    @CsvSource({"'', must hold exactly one line", "'a\nb', must hold exactly one line", "missing, there is no file"})
    void aPasswordFileThatHoldsNoPasswordIsNamed(String content, String expected) throws IOException {
        Path passFile = folder.resolve("pass");
        if (!content.equals("missing")) {
            Files.writeString(passFile, content);
        }

        ConfigException thrown = failure(null, Map.of("CVMFS_NOTIFY_AMQP_PASS_FILE", passFile.toString()));

        assertThat(thrown).hasMessageContaining("amqp.pass_file: ").hasMessageContaining(expected);
    }

    @Test
    void theRecordsRefuseTheSameValuesAsTheLoader() {
        LimitsConfig fine = TestConfigs.limits();

        assertThatThrownBy(() -> new LimitsConfig(
                        0,
                        fine.maxSubscriptionsPerConnection(),
                        fine.repositories(),
                        fine.maxMessageBytes(),
                        fine.maxPendingPublishes(),
                        fine.maxHeaderBytes(),
                        fine.backlogBytes(),
                        fine.fairShare(),
                        fine.requestTimeout(),
                        fine.handshakeTimeout(),
                        fine.idleTimeout(),
                        Duration.ofSeconds(1),
                        fine.stalledTimeout(),
                        fine.drainTimeout()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("limits.max_connections: 0 is not in 1..10000000");
    }

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("config.json"), json);
    }

    private static ConfigException failure(Path file, Map<String, String> environment, Assignment... options) {
        ConfigSources sources = new ConfigSources(Optional.ofNullable(file), environment, List.of(options));
        ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> ConfigLoader.load(sources));
        assertThat(thrown).as("a configuration that must be refused").isNotNull();
        return thrown;
    }
}
