package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
        String publish = "cvmfs_server publish sw.example.org\n"
                + "notify-proxy publish --server http://notify.example.org:4930/api/v1 --token-file"
                + " /etc/cvmfs/notify.token --repository http://stratum0.example.org/cvmfs/sw.example.org\n"
                + "wait\n";

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

    /** A request that an API accepts as its documentation has it. */
    private record ApiCall(String query, Map<String, String> headers, String body) {

        static ApiCall read(HttpExchange exchange) throws IOException {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
            return new ApiCall(
                    String.valueOf(exchange.getRequestURI().getQuery()),
                    headers,
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        }

        JsonNode json() {
            try {
                return new JsonMapper().readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Anything else gets 401, 403 or 404. */
        boolean isOfGitHub(String token) {
            return ("Bearer " + token).equals(headers.get("Authorization"))
                    && "application/vnd.github+json".equals(headers.get("Accept"))
                    && headers.containsKey("User-Agent");
        }

        /** Otherwise 422. */
        boolean isRepositoryDispatch() {
            JsonNode json = json();
            JsonNode payload = json.path("client_payload");
            return json.size() == 2
                    && json.path("event_type").isTextual()
                    && json.path("event_type").asText().length() <= 100
                    && payload.isObject()
                    && payload.size() <= 10;
        }

        boolean isReviewOfADeployment() {
            JsonNode json = json();
            return json.size() == 3
                    && json.path("environment_name").isTextual()
                    && json.path("state").asText().matches("approved|rejected")
                    && json.path("comment").isTextual();
        }

        /** Text alone may be the value of a variable. */
        boolean triggersAPipeline() {
            return headers.getOrDefault("Content-Type", "").equals("application/x-www-form-urlencoded")
                    && query.equals("token=TOKEN&ref=main")
                    && Stream.of(body.split("&"))
                            .map(pair -> URLDecoder.decode(pair, StandardCharsets.UTF_8))
                            .allMatch(pair -> pair.matches("variables\\[[A-Z_]+]=[^=]+"));
        }
    }

    /** Accepts what the check lets pass, and remembers it. */
    private List<ApiCall> api(String method, String path, int status, Predicate<ApiCall> check) {
        List<ApiCall> accepted = new CopyOnWriteArrayList<>();
        files.createContext(path, exchange -> {
            ApiCall call = ApiCall.read(exchange);
            boolean isRight = exchange.getRequestMethod().equals(method)
                    && exchange.getRequestURI().getPath().equals(path)
                    && check.test(call);
            if (isRight) {
                accepted.add(call);
            }
            exchange.sendResponseHeaders(isRight ? status : 422, -1);
            exchange.close();
        });
        return accepted;
    }

    private String apiAddress() {
        return "http://127.0.0.1:" + files.getAddress().getPort();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gitlab", "github"})
    void theServiceItselfStartsThePipelineOnceAllReplicasServeTheRevision(String kind) throws Exception {
        List<ApiCall> calls = kind.equals("github")
                ? api(
                        "POST",
                        "/repos/OWNER/REPOSITORY/dispatches",
                        204,
                        call -> call.isOfGitHub("TOKEN") && call.isRepositoryDispatch())
                : api("POST", "/api/v4/projects/42/trigger/pipeline", 201, ApiCall::triggersAPipeline);
        Files.createDirectories(folder.resolve("etc/cvmfs/notify"));
        Files.writeString(folder.resolve("etc/cvmfs/notify/github.headers"), "Authorization: Bearer TOKEN\n");
        String text = ReadmeText.page("examples/" + kind + "/README.md")
                .section("Without a held runner")
                .blocks("json")
                .get(0)
                .replaceAll("https://(api\\.github\\.com|gitlab\\.example\\.org)", apiAddress());
        ObjectNode config = (ObjectNode) new JsonMapper().readTree(site.here(text));
        ((ObjectNode) config.at("/webhooks/0")).put("allow_private", true);
        config.put("standalone", true)
                .put("bind", "127.0.0.1")
                .put("port", 0)
                .put("state_dir", folder.resolve("state").toString())
                .putObject("access")
                .put("anonymous_publish", "everyone");
        Path file = Files.writeString(folder.resolve("service.json"), config.toString());
        leaveSiteBBehind();

        try (JarProcess service = JarProcess.serve(folder, "--config", file.toString())) {
            String publish =
                    "cvmfs_server publish sw.example.org\nnotify-proxy publish --server %sapi/v1 --repository %s/stratum0/sw.example.org\n"
                            .formatted(service.uri().resolve("/"), folder);
            try (ReadmeShell shell = site.run(publish)) {
                shell.succeeds();
            }
            assertThat(calls).isEmpty();
            try (ReadmeShell shell = site.run("cp -r next/. site-b/sw.example.org\n")) {
                shell.succeeds();
            }
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .untilAsserted(() -> assertThat(calls).as(service.err()).hasSize(1));
        }

        if (kind.equals("github")) {
            assertThat(calls.get(0).json().path("event_type").asText()).isEqualTo("cvmfs-readable");
            assertThat(calls.get(0).json().at("/client_payload/revision_text").asText())
                    .isEqualTo("2");
        } else {
            assertThat(URLDecoder.decode(calls.get(0).body(), StandardCharsets.UTF_8))
                    .contains("variables[CVMFS_EVENT]=readable", "variables[CVMFS_REVISION]=2");
        }
    }

    @Test
    void theGateOfAGitHubEnvironmentIsOpenedForTheRunThatWaits() throws IOException, InterruptedException {
        assumeThat(new RunnerShell(folder)
                        .run(List.of("sh"), "jq --version", Map.of())
                        .exitCode())
                .as("the step needs jq")
                .isZero();
        AtomicInteger asked = new AtomicInteger();
        files.createContext("/repos/OWNER/REPOSITORY/actions/workflows/release.yml/runs", exchange -> {
            boolean isRight = exchange.getRequestMethod().equals("GET")
                    && "status=waiting".equals(exchange.getRequestURI().getQuery())
                    && ApiCall.read(exchange).isOfGitHub("installation-token");
            byte[] runs = (asked.incrementAndGet() == 1
                            ? "{\"total_count\": 0, \"workflow_runs\": []}"
                            : "{\"total_count\": 1, \"workflow_runs\": [{\"id\": 30433642, \"status\": \"waiting\"}]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(isRight ? 200 : 422, runs.length);
            exchange.getResponseBody().write(runs);
            exchange.close();
        });
        List<ApiCall> reviews = api(
                "POST",
                "/repos/OWNER/REPOSITORY/actions/runs/30433642/deployment_protection_rule",
                204,
                call -> call.isOfGitHub("installation-token") && call.isReviewOfADeployment());
        String workflow = ReadmeText.page("examples/github/README.md")
                .section("A gate in the workflow, without a held runner")
                .blocks("yaml")
                .get(0);
        GitHubRunner runner = new GitHubRunner(folder, yaml -> yaml.replace("sleep 10", "sleep 0"))
                .with("GITHUB_API_URL", apiAddress())
                .with("GITHUB_REPOSITORY", "OWNER/REPOSITORY")
                .where("vars.GATE_APP_ID", "4711")
                .where("secrets.GATE_APP_KEY", "private")
                .where("github.event.client_payload.revision_text", "43");

        Map<String, GitHubRunner.Outcome> jobs = runner.workflow(workflow);

        assertThat(jobs.get("open").exitCode()).as(runner.log()).isZero();
        assertThat(asked).as(runner.log()).hasValue(2);
        assertThat(reviews).as(runner.log()).hasSize(1);
        assertThat(reviews.get(0).json()).isEqualTo(new JsonMapper().readTree("""
            {"environment_name": "cvmfs-readable", "state": "approved", "comment": "Revision 43 can be read"}
            """));
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
                site.here("a=http://site-a.example.org/cvmfs/sw.example.org"
                        + " b=http://site-b.example.org/cvmfs/sw.example.org"));

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
