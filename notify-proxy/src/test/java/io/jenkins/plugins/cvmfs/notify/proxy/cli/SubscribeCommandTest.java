package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscribeCommandTest {

    private static final String NAME = "test.example.org";
    private static final String NOBODY = "http://127.0.0.1:1/api/v1";

    @TempDir
    private Path folder;

    private LocalProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        proxy = LocalProxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "websocket", "sse"})
    void itEndsAfterTheFirstRevisionAboveTheLimit(String transport) throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe("-m", "41", "--verify", "off", "--transport", transport);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo(
                        "test.example.org revision 42, root catalog " + Announcements.ROOT_HASH + ", not verified\n");
    }

    @Test
    void aHeldRevisionIsNamedAndPrintedOnlyWithoutWaiting() throws IOException, InterruptedException {
        proxy.close();
        proxy = LocalProxy.holding(folder.resolve("replica-without-the-revision"));
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun waiting = subscribe("--verify", "off", "--timeout", "5s");
        CommandRun early = subscribe("--verify", "off", "--no-hold");

        assertThat(waiting.exitCode()).isEqualTo(ExitCode.TIMED_OUT);
        assertThat(waiting.out()).isEmpty();
        assertThat(waiting.err()).contains("revision 42 of test.example.org is held by the server until ");
        assertThat(early.exitCode()).as(early.err()).isZero();
        assertThat(early.out()).startsWith("test.example.org revision 42, ");
    }

    @Test
    void aRevisionNotAboveTheLimitIsNotNewAndTheWaitTimesOut() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe("-m", "42", "--verify", "off", "--timeout", "2s");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("notify-proxy: timed out without a new revision\n")
                .hasLineCount(2);
    }

    @Test
    void aSignedAnnouncementIsVerifiedAndPrintedAsJson() throws IOException, InterruptedException {
        SampleRepository repository = signedRepository();
        proxy.publish(announcement(repository));

        CommandRun run = subscribe(
                "--json",
                "--verify",
                "required",
                "--key",
                key(repository),
                "--from",
                repository.folder().toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("repository").asText()).isEqualTo(NAME);
        assertThat(json.path("revision").asInt()).isEqualTo(1);
        assertThat(json.path("revision_text").asText()).isEqualTo("1");
        assertThat(json.path("root_hash").asText())
                .isEqualTo(repository.manifest().rootCatalog().toString());
        assertThat(json.path("verified").booleanValue()).isTrue();
    }

    @Test
    void aRevisionIsPrintedAsACloudEvent() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe("--verify", "off", "--output", "cloudevents");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode event = new JsonMapper().readTree(run.out());
        assertThat(event.path("specversion").asText()).isEqualTo("1.0");
        assertThat(event.path("type").asText()).isEqualTo("io.jenkins.plugins.cvmfs.notify.announced");
        assertThat(event.path("source").asText()).isEqualTo(proxy.server());
        assertThat(event.path("subject").asText()).isEqualTo(NAME);
        assertThat(event.path("id").asText()).startsWith("42-").endsWith("-" + Announcements.ROOT_HASH);
        assertThat(event.path("datacontenttype").asText()).isEqualTo("application/json");
        assertThat(event.path("data").path("repository").asText()).isEqualTo(NAME);
        assertThat(event.path("data").path("revision").asInt()).isEqualTo(42);
        assertThat(event.path("data").path("verified").isBoolean()).isTrue();
    }

    @Test
    void aRevisionIsPrintedAsVariables() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe("--verify", "off", "--output", "env");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo("CVMFS_FQRN=test.example.org\nCVMFS_REVISION=42\nCVMFS_ROOT_HASH=%s\n"
                        .formatted(Announcements.ROOT_HASH));
    }

    @Test
    void twoFormatsAreRefused() throws InterruptedException {
        CommandRun run = subscribe("--json", "--output", "env");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("--json is --output json: leave one of them out");
    }

    @Test
    void aForgedAnnouncementIsIgnored() throws IOException, InterruptedException {
        SampleRepository repository = signedRepository();
        Path ran = folder.resolve("ran");
        proxy.publish(Announcements.of(NAME, 999));

        CommandRun run = subscribe(
                "--verify",
                "required",
                "--key",
                key(repository),
                "--from",
                repository.folder().toString(),
                "--exec",
                "touch '%s'".formatted(ran),
                "--timeout",
                "2s");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(ran).doesNotExist();
    }

    @Test
    void theCommandIsRunForTheRevisionBeforeItEnds() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe(
                "--verify",
                "off",
                "--exec",
                "echo \"$CVMFS_FQRN $CVMFS_REVISION $CVMFS_ROOT_HASH\" > '%s'".formatted(log));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(log).hasContent("test.example.org 42 " + Announcements.ROOT_HASH);
    }

    @Test
    void aFailedCommandIsExitCode10() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 42));

        CommandRun run = subscribe("--verify", "off", "--exec", "exit 7");

        assertThat(run.exitCode()).isEqualTo(10);
        assertThat(run.out()).startsWith("test.example.org revision 42,");
        assertThat(run.err())
                .startsWith("notify-proxy: the command exited with 7\n")
                .hasLineCount(2);
    }

    @Test
    void wrongArgumentsAreExitCode1AndSaidInWords() {
        assertThat(CommandRun.of("subscribe", "-u", NOBODY).err()).contains("--topic");
        assertThat(CommandRun.with(Map.of(), "subscribe", "-t", NAME).err()).contains("CVMFS_NOTIFICATION_SERVER");
        assertThat(subscribe("-c", "--timeout", "1s").err()).contains("--timeout", "--continuous");
        assertThat(subscribe("-m", "-1").exitCode()).isEqualTo(1);
        assertThat(subscribe("--transport", "poll").err()).contains("'poll' is not one of auto, websocket, sse");
        CommandRun unverifiable = subscribe("--verify", "required", "--key", folder.toString());
        assertThat(unverifiable.exitCode()).isEqualTo(1);
        assertThat(subscribe("--verify", "perhaps").exitCode()).isEqualTo(1);
    }

    private CommandRun subscribe(String... furtherArguments) {
        List<String> arguments = new ArrayList<>(List.of("subscribe", "-u", proxy.server(), "-t", NAME));
        arguments.addAll(List.of(furtherArguments));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    private SampleRepository signedRepository() {
        return SampleRepository.create(
                folder.resolve("repository"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());
    }

    private String key(SampleRepository repository) throws IOException {
        return Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem())
                .toString();
    }

    private static ActivityMessage announcement(SampleRepository repository) {
        return ActivityMessage.announce(repository.manifestBytes(), Instant.EPOCH);
    }
}
