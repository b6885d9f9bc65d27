package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.access.TestIssuer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job of a CI system announces with its own token; no secret was handed out before. */
class IdentityTokenIT {

    @TempDir
    Path folder;

    private TestIssuer issuer;
    private Path repository;

    @BeforeEach
    void make() throws IOException {
        issuer = new TestIssuer();
        repository = SampleRepository.create(
                        folder.resolve("stratum0"),
                        new RepositoryName("sw.example.org"),
                        HashAlgorithm.SHA1,
                        Clock.systemUTC())
                .folder();
        configure("refs/heads/main");
    }

    @AfterEach
    void stop() {
        issuer.close();
    }

    private void configure(String ref) throws IOException {
        Files.writeString(
                folder.resolve("config.json"), """
                {"standalone": true,
                 "access": {"anonymous_publish": "nobody", "local_token_file": "",
                            "identities": [{"name": "github", "issuer": "%s", "audience": "%s",
                                            "claims": {"repository": "example/software", "ref": "%s"},
                                            "publish": "sw.example.org", "refresh": "sw.example.org"}]},
                 "repositories": [{"name": "sw.example.org", "verify": "off", "stratum0": "%s"}]}
                """.formatted(issuer.url(), TestIssuer.AUDIENCE, ref, repository));
    }

    private JarProcess serve() throws IOException {
        return JarProcess.serve(
                folder, "--config", folder.resolve("config.json").toString());
    }

    @Test
    void aJobPublishesWithItsTokenAndIsNamedInTheLog() throws IOException, InterruptedException {
        try (JarProcess proxy = serve()) {
            assertThat(publish(proxy, token(claims -> {})).exitCode()).isZero();
            proxy.awaitErr("announcement accepted");

            CommandRun wrongBranch = publish(proxy, token(claims -> claims.claim("ref", "refs/heads/dev")));
            CommandRun wrongServer = publish(proxy, token(claims -> claims.audience("https://other.example.org")));

            assertThat(wrongBranch.exitCode()).isEqualTo(9);
            assertThat(wrongBranch.err()).contains("claim ref is 'refs/heads/dev'");
            assertThat(wrongServer.exitCode()).isEqualTo(9);
            assertThat(wrongServer.err()).contains("claim aud is 'https://other.example.org'");
            assertThat(proxy.err())
                    .contains("publisher=\"github:repo:example/software:ref:refs/heads/main\" address=\"127.0.0.1\"")
                    .contains("claim ref is 'refs/heads/dev'", "1 CI identities")
                    .doesNotContain("eyJ");
        }
    }

    @Test
    void theStepForGitHubGetsATokenAndPublishesWithIt() throws IOException, InterruptedException {
        assumeThat(new RunnerShell(folder)
                        .run(List.of("sh"), "jq --version", Map.of())
                        .exitCode())
                .as("the step needs jq")
                .isZero();
        String step = RunnerShell.list(
                        RunnerShell.documents(ReadmeText.page("examples/github/README.md")
                                        .section("Without a secret")
                                        .blocks("yaml")
                                        .get(0))
                                .get(0),
                        "steps")
                .stream()
                .map(item -> String.valueOf(RunnerShell.map(item).get("run")))
                .findFirst()
                .orElseThrow();
        ReadmeShell.notifyProxy(folder);
        try (JarProcess proxy = serve()) {
            Map<String, String> job = Map.of(
                    "CVMFS_NOTIFICATION_SERVER",
                    proxy.server(),
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                    "of-the-job",
                    "ACTIONS_ID_TOKEN_REQUEST_URL",
                    issuer.url() + "/job?version=2");
            String here = step.replace("http://stratum0.example.org/cvmfs/sw.example.org", repository.toString());
            RunnerShell.Result result = new RunnerShell(folder).run(List.of("bash", "-e"), here, job);

            assertThat(result.exitCode()).as(result.output()).isZero();
            proxy.awaitErr("publisher=\"github:repo:example/software:ref:refs/heads/main\"");
        }
    }

    @Test
    void theTokenIsToldItsRightsAndMayRefresh() throws IOException, InterruptedException {
        try (JarProcess proxy = serve()) {
            String token = token(claims -> {});

            assertThat(send(proxy, "rights?repository=sw.example.org", "GET", token)
                            .body())
                    .contains(
                            "\"credentials\":\"valid\"",
                            "\"identity\":\"github:repo:example/software:ref:refs/heads/main\"",
                            "\"publish\":\"yes\"");
            assertThat(send(proxy, "rights", "GET", token(claims -> claims.claim("ref", "refs/heads/dev")))
                            .body())
                    .contains("\"credentials\":\"valid\"", "claim ref is 'refs/heads/dev'", "\"publish\":[]");
            assertThat(send(proxy, "repositories/sw.example.org/refresh", "POST", token)
                            .body())
                    .contains("\"announced\":true");
        }
    }

    @Test
    void whileTheIssuerIsDownTheAnswerIsToTryAgain() throws IOException, InterruptedException {
        String token = token(claims -> {});
        issuer.close();
        try (JarProcess proxy = serve()) {
            HttpResponse<String> answer = send(proxy, "repositories/sw.example.org/refresh", "POST", token);

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"reason\":\"identity_unavailable\"");
            assertThat(answer.headers().firstValue("Retry-After")).hasValue("10");
            assertThat(proxy.err()).contains("keys of an issuer cannot be read issuer=\"" + issuer.url());
        }
    }

    @Test
    void aReloadChangesTheConditions() throws IOException, InterruptedException {
        try (JarProcess proxy = serve()) {
            String token = token(claims -> {});
            assertThat(publish(proxy, token).exitCode()).isZero();
            configure("refs/tags/*");

            proxy.hangUp();

            proxy.awaitErr("reloaded the configuration");
            assertThat(proxy.err()).contains("access.identities");
            assertThat(publish(proxy, token).exitCode()).isEqualTo(9);
        }
    }

    private String token(Consumer<JWTClaimsSet.Builder> change) {
        return issuer.token(Instant.now(), change);
    }

    private CommandRun publish(JarProcess proxy, String token) {
        return CommandRun.with(
                Map.of("CVMFS_NOTIFICATION_TOKEN", token),
                "publish",
                "--server",
                proxy.server(),
                "--repository",
                repository.toString(),
                "--timeout",
                "0");
    }

    private static HttpResponse<String> send(JarProcess proxy, String path, String method, String token)
            throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(proxy.server() + "/" + path))
                                .method(method, BodyPublishers.noBody())
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.ofString());
    }
}
