package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConfigCommandTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void configurationWithASecret() throws IOException {
        file = Files.writeString(
                folder.resolve("config.json"), "{\"port\": 1234,\n \"amqp\": {\"pass\": \"hunter2\"}}");
    }

    @Test
    void itPrintsEveryValueWithItsOriginAndHidesSecrets() {
        CommandRun run = CommandRun.with(
                Map.of("CVMFS_NOTIFY_AMQP_URL", "mq.example.org"),
                "check-config",
                "--config",
                file.toString(),
                "--bind",
                "::1",
                "--set",
                "limits.drain_timeout=3s");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().replaceAll(" +", " "))
                .contains("bind ::1 (command line, --bind)")
                .contains("port 1234 (file " + file + ", line 1)")
                .contains("amqp.url mq.example.org (environment variable CVMFS_NOTIFY_AMQP_URL)")
                .contains("amqp.pass ******** (file " + file + ", line 2)")
                .contains("limits.drain_timeout 3s (command line, --set limits.drain_timeout)")
                .contains("limits.idle_timeout 2m (default)");
        assertThat(run.out() + run.err()).doesNotContain("hunter2");
    }

    @Test
    void itPrintsOnlyWhatIsGivenIfAsked() {
        CommandRun run = CommandRun.of("check-config", "--config", file.toString(), "--changed", "--bind", "::1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines().map(line -> line.split(" ", 2)[0])).containsExactly("bind", "port", "amqp.pass");
    }

    @Test
    void itPrintsTheSameAsJson() throws IOException {
        CommandRun run = CommandRun.of("check-config", "--config", file.toString(), "--json");

        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("port").path("value").asInt()).isEqualTo(1234);
        assertThat(json.path("amqp.pass").path("value").asText()).isEqualTo("********");
        assertThat(json.path("limits.drain_timeout").path("origin").asText()).isEqualTo("default");
    }

    @Test
    void itPrintsTheSchema() throws IOException {
        CommandRun run = CommandRun.of("check-config", "--schema");

        assertThat(new JsonMapper().readTree(run.out()).path("properties").has("amqp"))
                .isTrue();
    }

    @Test
    void aWrongConfigurationFailsWithEveryProblem() {
        CommandRun run = CommandRun.of("check-config", "--port", "99999", "--set", "amqp.portt=1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("notify-proxy: port: 99999 is not in 0..65535 (command line, --port)")
                .contains("notify-proxy: amqp.portt: unknown key; did you mean amqp.port?");
    }

    @Test
    void aSettingWithoutAValueIsRefused() {
        CommandRun run = CommandRun.of("check-config", "--set", "limits.drain_timeout");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("--set limits.drain_timeout is not KEY=VALUE");
    }
}
