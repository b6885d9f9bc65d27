package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The components for GitLab and the actions for GitHub do what they say, alone and in the pipelines of their pages. */
class CiPartsIT {

    private static final String TESTS_HAVE_RUN = "the tests have run";
    private static final String INJECTION =
            "\"; touch injected; $(touch injected) `touch injected` '; touch injected; '";

    @TempDir
    Path folder;

    private final AtomicInteger downloads = new AtomicInteger();
    private GuideSite site;
    private HttpServer files;
    private Map<String, String> jar = Map.of();

    @BeforeEach
    void buildSiteAndOfferTheJar() throws IOException, NoSuchAlgorithmException {
        site = GuideSite.build(folder);
        ReadmeShell.program(
                folder,
                "install-software",
                "#!/bin/sh\nprintf '#!/bin/sh\\necho " + TESTS_HAVE_RUN
                        + "\\n' > \"$1/run-tests\"\nchmod +x \"$1/run-tests\"\n");
        byte[] program = Files.readAllBytes(Path.of(System.getProperty("notify.proxy.jar")));
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/notify-proxy.jar", exchange -> {
            downloads.incrementAndGet();
            exchange.sendResponseHeaders(200, program.length);
            exchange.getResponseBody().write(program);
            exchange.close();
        });
        files.start();
        jar = Map.of(
                "jar-url",
                "http://127.0.0.1:%d/notify-proxy.jar"
                        .formatted(files.getAddress().getPort()),
                "jar-sha256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(program)));
    }

    @AfterEach
    void closeSite() {
        site.close();
        files.stop(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "dash"})
    void theGitLabPipelinePublishesWaitsAndTests(String interpreter) throws IOException, InterruptedException {
        GitLabRunner runner = gitLab(interpreter);

        Map<String, Integer> jobs = runner.pipeline(page("gitlab"));

        assertThat(jobs)
                .as(runner.log())
                .isEqualTo(Map.of("publish", 0, "cvmfs-announce", 0, "cvmfs-wait", 0, "test", 0));
        assertThat(runner.log()).contains(TESTS_HAVE_RUN);
        assertThat(runner.reported())
                .containsEntry("CVMFS_REVISION", "2")
                .containsEntry("CVMFS_OUTCOME", "reached")
                .hasEntrySatisfying("CVMFS_ROOT_HASH", hash -> assertThat(hash).matches("[0-9a-f]{40}"));
        assertThat(downloads).hasValue(1);
    }

    @Test
    void theGitHubWorkflowPublishesWaitsAndTests() throws IOException, InterruptedException {
        GitHubRunner runner = gitHub();

        Map<String, GitHubRunner.Outcome> jobs = runner.workflow(page("github"));

        assertThat(jobs).as(runner.log()).containsOnlyKeys("publish", "wait", "test");
        assertThat(jobs.values())
                .as(runner.log())
                .allSatisfy(job -> assertThat(job.exitCode()).isZero());
        assertThat(jobs.get("publish").outputs()).containsEntry("revision", "2");
        assertThat(runner.log()).contains(TESTS_HAVE_RUN);
        assertThat(downloads).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "dash"})
    void aTimeOutEndsTheGitLabPipelineBeforeItsTests(String interpreter) throws IOException, InterruptedException {
        leaveSiteBBehind();
        GitLabRunner runner = gitLab(interpreter);

        Map<String, Integer> jobs = runner.pipeline(page("gitlab"));

        assertThat(runner.log()).contains("timed out after").doesNotContain(TESTS_HAVE_RUN);
        assertThat(jobs).as(runner.log()).isEqualTo(Map.of("publish", 0, "cvmfs-announce", 0, "cvmfs-wait", 3));
        assertThat(runner.reported()).containsEntry("CVMFS_OUTCOME", "timed_out");
    }

    @Test
    void aTimeOutEndsTheGitHubWorkflowBeforeItsTests() throws IOException, InterruptedException {
        leaveSiteBBehind();
        GitHubRunner runner = gitHub();

        Map<String, GitHubRunner.Outcome> jobs = runner.workflow(page("github"));

        assertThat(runner.log()).contains("timed out after").doesNotContain(TESTS_HAVE_RUN);
        assertThat(jobs).as(runner.log()).containsOnlyKeys("publish", "wait");
        assertThat(jobs.get("wait").exitCode()).isEqualTo(3);
    }

    @Test
    void anInstallationThatFailsIsAbortedAndNothingIsAnnounced() throws IOException, InterruptedException {
        ReadmeShell.program(folder, "install-software", "#!/bin/sh\nexit 5\n");
        GitLabRunner gitLab = gitLab("bash");
        GitHubRunner gitHub = gitHub();

        assertThat(gitLab.pipeline(page("gitlab"))).containsOnlyKeys("publish").doesNotContainValue(0);
        assertThat(gitHub.workflow(page("github"))).containsOnlyKeys("publish");

        assertThat(gitLab.log() + gitHub.log()).containsPattern("(?s)aborted sw.example.org.*aborted sw.example.org");
        assertThat(site.describe()).contains("unknown_repository");
    }

    @ParameterizedTest
    @CsvSource({
        "gitlab, gitlab.form, token=TOKEN&ref=main, /api/v4/projects/42/trigger/pipeline",
        "github, github.headers, Authorization: Bearer TOKEN, /repos/OWNER/REPOSITORY/dispatches"
    })
    void withoutAHeldRunnerTheRevisionThatCanBeReadStartsThePipeline(
            String kind, String secret, String line, String path) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("etc/cvmfs/notify"));
        Files.writeString(folder.resolve("etc/cvmfs/notify/" + secret), line + "\n");
        List<String> calls = new CopyOnWriteArrayList<>();
        files.createContext(path, exchange -> {
            calls.add(exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        String address = "http://127.0.0.1:" + files.getAddress().getPort();
        String commands = ReadmeText.page("examples/" + kind + "/README.md")
                .commands()
                .replaceAll("https://(api\\.github\\.com|gitlab\\.example\\.org)", address)
                .replace("--continuous", "--continuous --verify off");
        String publish =
                "cvmfs_server publish sw.example.org\nnotify-proxy publish --server http://notify.example.org:4930/api/v1"
                        + " --token-file /etc/cvmfs/notify.token --repository http://stratum0.example.org/cvmfs/sw.example.org\nwait\n";

        try (ReadmeShell shell = site.run(commands + publish)) {
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .untilAsserted(
                            () -> assertThat(calls).as(shell.everything()).isNotEmpty());
        }

        if (kind.equals("github")) {
            assertThat(calls.get(0)).startsWith("Bearer TOKEN ");
            JsonNode dispatch = new JsonMapper().readTree(calls.get(0).substring("Bearer TOKEN ".length()));
            assertThat(dispatch.path("event_type").asText()).isEqualTo("cvmfs-readable");
            assertThat(dispatch.path("client_payload").path("revision").asText())
                    .isEqualTo("2");
        } else {
            assertThat(calls.get(0)).endsWith("token=TOKEN&ref=main&variables[CVMFS_REVISION]=2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void anAnnouncementThatIsRefusedKeepsItsExitCode(String kind) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("wrong.token"), "wrong-token-wrong-token-wrong-token\n");

        Ran ran = run(
                kind,
                "announce",
                Map.of(
                        "server",
                        site.here("http://notify.example.org:4930/api/v1"),
                        "repository",
                        folder.resolve("stratum0/sw.example.org").toString(),
                        "token-file",
                        folder.resolve("wrong.token").toString()));

        assertThat(ran.exitCode()).as(ran.log()).isEqualTo(9);
        assertThat(ran.log()).contains("not announced: ").doesNotContain("wrong-token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void aWaitTellsWhatEndedIt(String kind) throws IOException, InterruptedException {
        Map<String, String> wait = Map.of(
                "repository",
                "sw.example.org",
                "replicas",
                site.here(
                        "a=http://site-a.example.org/cvmfs/sw.example.org b=http://site-b.example.org/cvmfs/sw.example.org"));

        Ran reached = run(kind, "wait", with(wait, "revision", "1"));
        Ran timedOut = run(kind, "wait", with(with(wait, "revision", "2"), "timeout", "0"));
        Ran refused = run(kind, "wait", with(wait, "revision", "18446744073709551616"));

        assertThat(reached.exitCode()).as(reached.log()).isZero();
        assertThat(reached.told())
                .containsEntry("revision", "1")
                .containsEntry("outcome", "reached")
                .containsKey("root-hash");
        assertThat(timedOut.exitCode()).as(timedOut.log()).isEqualTo(3);
        assertThat(timedOut.told()).containsEntry("outcome", "timed_out");
        assertThat(refused.exitCode()).as(refused.log()).isEqualTo(1);
        assertThat(refused.log()).contains("Invalid value for option '--revision'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void theJarIsDownloadedOnceAndRunsOnlyWithItsChecksum(String kind) throws IOException, InterruptedException {
        Files.delete(folder.resolve("notify-proxy"));
        Map<String, String> wait = with(with(jar, "repository", "sw.example.org"), "revision", "1");
        wait = with(wait, "replicas", site.here("a=http://site-a.example.org/cvmfs/sw.example.org"));

        assertThat(run(kind, "wait", wait).exitCode()).isZero();
        assertThat(run(kind, "wait", wait).exitCode()).isZero();
        assertThat(downloads).hasValue(1);

        Ran other = run(kind, "wait", with(wait, "jar-sha256", "0".repeat(64)));
        assertThat(other.exitCode()).as(other.log()).isEqualTo(1);
        assertThat(other.log()).contains("does not have the jar-sha256 '000").doesNotContain("waiting for");

        Ran none = run(kind, "wait", with(wait, "jar-sha256", ""));
        assertThat(none.exitCode()).as(none.log()).isEqualTo(1);
        assertThat(none.log()).contains("does not have the jar-sha256 ''");

        Ran away = run(
                kind,
                "wait",
                with(with(wait, "jar-url", jar.get("jar-url") + ".not-there"), "jar-sha256", "1".repeat(64)));
        assertThat(away.exitCode())
                .as("curl's own would look like one of notify-proxy: %s", away.log())
                .isEqualTo(1);
    }

    /** A value from a branch's name or a form must not run where the token is. */
    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void anInputIsNeverAPartOfTheScript(String kind) throws IOException, InterruptedException {
        Map<String, String> wait = Map.of(
                "repository",
                INJECTION.replace("\"", "'"),
                "replicas",
                "* $(touch injected) `touch injected`",
                "replicas-from",
                "$(touch injected)",
                "mount",
                "`touch injected`",
                "root-hash",
                "$(touch injected)");

        Ran ran = run(kind, "wait", with(wait, "revision", "1"));
        Ran announced = run(
                kind,
                "announce",
                Map.of(
                        "server",
                        "http://127.0.0.1:1",
                        "timeout",
                        "0",
                        "repository",
                        "$(touch injected)",
                        "token-file",
                        "`touch injected`"));

        assertThat(ran.exitCode()).as(ran.log()).isEqualTo(1);
        assertThat(announced.exitCode()).as(announced.log()).isNotZero();
        assertThat(folder.resolve("injected")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void thePageHasTheExitCodesOfTheCommandLine(String kind) throws IOException {
        String all = ReadmeText.page("cli.md").section("Exit codes").text();

        assertThat(ReadmeText.page("examples/" + kind + "/README.md").text().lines())
                .filteredOn(line -> line.matches("\\| [0-9].*"))
                .hasSizeGreaterThan(4)
                .allSatisfy(line -> assertThat(line.split("\\|", -1)[1].trim().split(", ", -1))
                        .allSatisfy(code ->
                                assertThat(all).containsPattern("\n\\| " + code + " \\|.*(all|`wait`|`publish`)")));
    }

    /** How an action or component ended, what it wrote, and its outputs by their names in the action. */
    private record Ran(int exitCode, String log, Map<String, String> told) {}

    private Ran run(String kind, String name, Map<String, String> inputs) throws IOException, InterruptedException {
        if (kind.equals("github")) {
            GitHubRunner runner = gitHub();
            GitHubRunner.Outcome outcome = runner.action(name, inputs);
            return new Ran(outcome.exitCode(), runner.log(), outcome.outputs());
        }
        GitLabRunner runner = gitLab("bash");
        int exitCode = runner.component(name, Map.copyOf(with(inputs, "stage", "test")));
        Map<String, String> reported = runner.reported();
        return new Ran(
                exitCode,
                runner.log(),
                reported.isEmpty()
                        ? Map.of()
                        : Map.of(
                                "revision",
                                reported.getOrDefault("CVMFS_REVISION", ""),
                                "root-hash",
                                reported.getOrDefault("CVMFS_ROOT_HASH", ""),
                                "outcome",
                                reported.getOrDefault("CVMFS_OUTCOME", "")));
    }

    private static Map<String, String> with(Map<String, String> inputs, String name, String value) {
        Map<String, String> more = new HashMap<>(inputs);
        more.put(name, value);
        return more;
    }

    private GitLabRunner gitLab(String interpreter) {
        return new GitLabRunner(folder, interpreter, this::here);
    }

    private GitHubRunner gitHub() {
        return new GitHubRunner(folder, this::here);
    }

    /** The pipeline of a page. */
    private static String page(String kind) throws IOException {
        return ReadmeText.page("examples/" + kind + "/README.md").blocks("yaml").get(0);
    }

    private String here(String yaml) {
        return site.here(yaml)
                .replace("https://files.example.org/notify-proxy.jar", jar.get("jar-url"))
                .replaceAll("\\b[0-9a-f]{64}\\b", jar.get("jar-sha256"))
                .replace("30m", "5s");
    }

    private void leaveSiteBBehind() throws IOException {
        Path program = folder.resolve("cvmfs_server");
        Files.writeString(program, Files.readString(program).replace("in site-a site-b", "in site-a"));
    }
}
