package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishCommandTest {

    private static final RepositoryName NAME = new RepositoryName("test.example.org");
    private static final String NOBODY = "http://127.0.0.1:1/api/v1";

    @TempDir
    static Path folder;

    private static String repository;

    private LocalProxy proxy;

    @BeforeAll
    static void repositoryWithRevision1() {
        repository = SampleRepository.create(folder.resolve("repository"), NAME, HashAlgorithm.SHA1, Clock.systemUTC())
                .folder()
                .toString();
    }

    @BeforeEach
    void startProxy() throws IOException {
        proxy = LocalProxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @Test
    void theManifestOfAFolderIsAnnouncedUnderItsName() throws IOException, InterruptedException {
        CommandRun run = CommandRun.of("publish", "-u", proxy.server(), "-r", repository);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("announced test.example.org revision 1 to http://127.0.0.1:");
        assertThat(proxy.describe(NAME).body()).contains("\"revision\":1");
    }

    @Test
    void severalRepositoriesAreAnnouncedAndOneThatFailsDoesNotStopTheOthers() throws IOException, InterruptedException {
        RepositoryName second = new RepositoryName("second.example.org");
        String other = SampleRepository.create(folder.resolve("second"), second, HashAlgorithm.SHA1, Clock.systemUTC())
                .folder()
                .toString();

        CommandRun run = CommandRun.of(
                "publish", "-u", proxy.server(), "-r", repository, "-r", folder + "/missing", "-r", other);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(7);
        assertThat(run.out().lines().toList())
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("announced test.example.org revision 1 to "),
                        two -> assertThat(two).startsWith("announced second.example.org revision 1 to "));
        assertThat(run.err()).contains(folder + "/missing");
        assertThat(proxy.describe(second).body()).contains("\"revision\":1");
    }

    @Test
    void ofSeveralRepositoriesThatAreNotAnnouncedEachIsNamed() {
        CommandRun run = CommandRun.of(
                "publish", "-u", NOBODY, "--timeout", "0", "-r", repository, "-r", folder + "/repository");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err().lines().filter(line -> line.contains("test.example.org revision 1 not announced: ")))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/api/v1/", "/api/v1/publish/", "/api/v1/notifications/"})
    void anAddressWithExtraSlashesOrWithoutAPathIsAccepted(String path) {
        String url = proxy.server().replace("/api/v1", path);

        CommandRun run = CommandRun.of("publish", "-u", url, "-r", repository + "/");

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void anAddressWithAnotherPathIsNamedInTheError() {
        String url = proxy.server().replace("/api/v1", "/cvmfs");

        CommandRun run = CommandRun.of("publish", "-u", url, "-r", repository);

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err()).contains("/cvmfs/publish", "(404)", "usually ends in /api/v1");
    }

    @Test
    void eachFailedAttemptIsReported() {
        CommandRun run = CommandRun.of("publish", "-u", NOBODY, "-r", repository, "--timeout", "3s");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .first()
                .asString()
                .matches("attempt 1 failed: .*cannot connect.*; retrying in [0-9.]+ s");
        assertThat(run.err())
                .contains(
                        "notify-proxy: not announced: gave up after ",
                        "Is the server running, and is its address right?");
    }

    @Test
    void theServerCanBeGivenInTheVariableOfCvmfsClients() throws IOException {
        CommandRun run = CommandRun.with(
                Map.of("CVMFS_NOTIFICATION_SERVER", proxy.server()),
                "publish",
                "--repository",
                "file://" + repository,
                "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("repository").asText()).isEqualTo(NAME.value());
        assertThat(json.path("revision").asInt()).isEqualTo(1);
        assertThat(json.path("server").asText()).startsWith(proxy.server());
        assertThat(json.path("attempts").asInt()).isEqualTo(1);
    }

    @Test
    void theArgumentsOfTheReferenceAreAccepted() {
        CommandRun run = CommandRun.of("notify", "-p", "-u", proxy.server(), "-r", repository, "-v");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).as("what -v adds").contains("S1\n");
    }

    @Test
    void anUnreadableRepositoryHasTheExitCodeOfTheReference() throws IOException {
        String nothing = folder.resolve("nothing").toString();
        String noManifest = Files.writeString(folder.resolve("text"), "hello\n").toString();

        assertThat(CommandRun.of("publish", "-u", proxy.server(), "-r", "http://127.0.0.1:1/x")
                        .exitCode())
                .isEqualTo(6);
        assertThat(CommandRun.of("publish", "-u", proxy.server(), "-r", nothing).exitCode())
                .isEqualTo(7);
        assertThat(CommandRun.of("publish", "-u", proxy.server(), "-r", noManifest)
                        .exitCode())
                .isEqualTo(8);
    }

    @Test
    void anUnreachableServerFailsThePublish() {
        CommandRun run = CommandRun.of("publish", "-u", NOBODY, "-r", repository, "--timeout", "0");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err()).startsWith("notify-proxy: not announced: ").contains("127.0.0.1:1");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void wrongArgumentsAreRefusedBeforeAnythingIsSent() {
        assertThat(CommandRun.of("publish", "-u", NOBODY).exitCode()).isEqualTo(1);
        assertThat(CommandRun.of("publish", "-r", repository).err()).contains("CVMFS_NOTIFICATION_SERVER");
        assertThat(CommandRun.of("publish", "-u", "ftp://example.org", "-r", repository)
                        .exitCode())
                .isEqualTo(1);
        assertThat(CommandRun.of("publish", "-u", NOBODY, "-r", repository, "--timeout", "soon")
                        .err())
                .contains("'soon' is not a duration");
        assertThat(CommandRun.of("notify", "-p", "-s", "-u", NOBODY, "-r", repository)
                        .err())
                .contains("-p", "-s");
    }

    @Test
    void aTokenIsReadFromAFileAndNeverShown() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "hunter2\n");

        CommandRun run = CommandRun.of(
                "publish", "-u", NOBODY, "-r", repository, "--timeout", "0", "--token-file", token.toString(), "-v");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.out() + run.err()).doesNotContain("hunter2");
    }
}
