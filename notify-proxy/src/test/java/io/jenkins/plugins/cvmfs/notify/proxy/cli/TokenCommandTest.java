package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCommandTest {

    @TempDir
    Path folder;

    @Test
    void theTokenIsPrintedOnceAndTheEntryHasItsHash() throws IOException {
        CommandRun run = CommandRun.of("token", "--name", "CI", "--publish", "sw.example.org", "--publish", "*.test");

        List<String> lines = run.out().lines().toList();
        String token = lines.get(3).replaceAll(".*echo ([^ ]+) > .*", "$1");
        JsonNode entry = new JsonMapper().readTree(lines.get(1));
        assertThat(run.exitCode()).isZero();
        assertThat(entry.path("name").asText()).isEqualTo("CI");
        assertThat(entry.path("publish")).extracting(JsonNode::asText).containsExactly("sw.example.org", "*.test");
        assertThat(TokenHash.parse(entry.path("hash").asText()).isOf(token)).isTrue();
        assertThat(lines.get(1)).doesNotContain(token);
    }

    @Test
    void theStepsOnBothSidesArePrinted() {
        CommandRun run = CommandRun.of(
                "token", "--name", "CI", "--publish", "sw.example.org", "-u", "http://notify.example.org:4930/api/v1");

        assertThat(run.out().lines().toList())
                .satisfiesExactly(
                        server -> assertThat(server)
                                .contains("On the server", "access", "tokens", "/etc/cvmfs/notify/config.json")
                                .endsWith("systemctl reload cvmfs-notify"),
                        entry -> assertThat(entry).startsWith("{\"name\":\"CI\""),
                        other -> assertThat(other).startsWith("On the other side"),
                        keep -> assertThat(keep).matches("\\(umask 077; echo [^ ]+ > /etc/cvmfs/notify.token\\)"),
                        then -> assertThat(then).isEqualTo("Then:"),
                        use -> assertThat(use)
                                .isEqualTo("notify-proxy publish --server http://notify.example.org:4930/api/v1"
                                        + " --token-file /etc/cvmfs/notify.token --repository REPOSITORY"));
    }

    /** A reader who follows one of them over several machines is refused without a token. */
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/install.md", "docs/rabbitmq.md", "docs/cvmfs.md", "docs/migration.md"})
    void everyPageOnTheWayToAPublisherNamesTheCommand(String page) throws IOException {
        assertThat(Path.of("..", page)).content().contains("notify-proxy token --name ");
    }

    @Test
    void aTokenForSubscribersIsForSubscribing() {
        CommandRun run = CommandRun.of("token", "--name", "CI", "--subscribe", "sw.example.org");

        assertThat(run.out().lines().toList().get(5))
                .matches("notify-proxy subscribe --server http://[^ ]+:4930/api/v1 --token-file /etc/cvmfs/notify.token"
                        + " --topic sw.example.org");
    }

    @Test
    void aTokenToForgetIsForForgetting() {
        CommandRun run = CommandRun.of("token", "--name", "CI", "--forget", "sw.example.org");

        assertThat(run.out()).contains("\"forget\":[\"sw.example.org\"]");
        assertThat(run.out().lines().toList().get(5))
                .matches("notify-proxy forget --server http://[^ ]+:4930/api/v1 --token-file /etc/cvmfs/notify.token"
                        + " sw.example.org");
    }

    @Test
    void aTokenForAWebhookIsForAUrl() {
        CommandRun run = CommandRun.of(
                "token", "--name", "CI", "--refresh", "sw.example.org", "-u", "http://notify.example.org:4930/api/v1");

        assertThat(run.out()).contains("\"refresh\":[\"sw.example.org\"]");
        assertThat(run.out().lines().toList().get(5))
                .isEqualTo("curl -fsS -X POST"
                        + " http://notify.example.org:4930/api/v1/repositories/sw.example.org/refresh/TOKEN");
    }

    @Test
    void theTokenCanBeWrittenToAFileReadableByItsOwnerOnly() throws IOException {
        Path file = folder.resolve("token");

        CommandRun run = CommandRun.of("token", "--name", "CI", "--subscribe", "*", "--token-file", file.toString());

        String token = Files.readString(file).strip();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).doesNotContain(token).contains("install -m 600 " + file + " /etc/cvmfs/notify.token");
        assertThat(TokenHash.idIn(token)).isPresent();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(CommandRun.of("token", "--name", "CI", "--subscribe", "*", "--token-file", file.toString()))
                .satisfies(again -> assertThat(again.exitCode()).isEqualTo(1))
                .satisfies(again -> assertThat(again.err()).contains("already exists"));
    }

    @Test
    void scriptsGetOneObject() throws IOException {
        Path file = folder.resolve("token-for-scripts");

        JsonNode shown = new JsonMapper()
                .readTree(CommandRun.of("token", "--name", "CI", "--publish", "*", "--json")
                        .out());
        JsonNode kept = new JsonMapper()
                .readTree(CommandRun.of(
                                "token", "--name", "CI", "--publish", "*", "--json", "--token-file", file.toString())
                        .out());

        assertThat(TokenHash.parse(shown.path("entry").path("hash").asText())
                        .isOf(shown.path("token").asText()))
                .isTrue();
        assertThat(kept.path("token_file").asText()).isEqualTo(file.toString());
        assertThat(kept.has("token")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            --name CI                       | give the token a right
            --name CI --publish no/name     | 'no/name' is not a repository's name
            --publish sw.example.org        | --name
            """)
    void invalidArgumentsAreReported(String arguments, String expected) {
        CommandRun run = CommandRun.of(("token " + arguments).split(" "));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(expected);
        assertThat(run.out()).isEmpty();
    }
}
