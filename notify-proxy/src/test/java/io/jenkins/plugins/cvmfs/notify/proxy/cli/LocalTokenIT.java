package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Service and command line of one user, without any configuration. */
class LocalTokenIT {

    @TempDir
    Path folder;

    private Path repository;
    private Map<String, String> user;

    @BeforeEach
    void make() throws IOException {
        user = Map.of("HOME", folder.toString());
        repository = SampleRepository.create(
                        folder.resolve("stratum0"),
                        new RepositoryName("sw.example.org"),
                        HashAlgorithm.SHA1,
                        Clock.systemUTC())
                .folder();
    }

    private JarProcess serve(String... further) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--standalone", "--port", "0"));
        arguments.addAll(List.of(further));
        JarProcess proxy = JarProcess.under(List.of(), user, folder, arguments.toArray(String[]::new));
        proxy.awaitOut("listening on ");
        return proxy;
    }

    private int publish(JarProcess proxy, Map<String, String> environment) {
        return CommandRun.with(
                        environment,
                        "notify",
                        "-p",
                        "-u",
                        proxy.server(),
                        "-r",
                        repository.toString(),
                        "--timeout",
                        "0")
                .exitCode();
    }

    @Test
    void onlyTheUserOfTheServiceMayPublishOnTheMachine() throws IOException {
        try (JarProcess proxy = serve()) {
            Path token = folder.resolve(".config/cvmfs-notify/local.token");

            assertThat(publish(proxy, user)).isZero();
            assertThat(publish(proxy, Map.of("HOME", "/nonexistent"))).isEqualTo(9);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                    .isEqualTo("rw-------");
            assertThat(proxy.err())
                    .contains("who may publish who=\"without credentials: only what carries a verified signature")
                    .contains("readers of the local token " + token)
                    .containsPattern(
                            "announcement accepted repository=\"[^\"]+\" revision=\"[0-9]+\" publisher=\"[^\"]*local token[^\"]*\" address=\"127.0.0.1\"")
                    .containsPattern(
                            "publish refused repository=\"[^\"]+\" revision=\"[0-9]+\" address=\"127.0.0.1\" reason=");
        }
    }

    @Test
    void theTokenSurvivesARestartAndAReloadReadsANewOne() throws IOException, InterruptedException {
        Path token = folder.resolve(".config/cvmfs-notify/local.token");
        serve().close();
        byte[] first = Files.readAllBytes(token);
        try (JarProcess proxy = serve()) {
            assertThat(token).hasBinaryContent(first);
            assertThat(publish(proxy, user)).isZero();
            Files.delete(token);
            serve().close();
            assertThat(publish(proxy, user)).isEqualTo(9);

            proxy.hangUp();

            proxy.awaitErr("reloaded the configuration");
            assertThat(publish(proxy, user)).isZero();
        }
    }

    @Test
    void aReloadThatChangesWhoMayPublishLogsAWarning() throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"log_level\": \"info\"}");
        try (JarProcess proxy = serve("--config", config.toString())) {
            assertThat(proxy.err())
                    .containsPattern(
                            "WARN .* who may publish who=\"without credentials: everyone who reaches the port");
            assertThat(publish(proxy, Map.of())).isZero();
            Files.writeString(config, "{\"log_level\": \"info\", \"log_format\": \"text\"}");

            proxy.hangUp();

            proxy.awaitErr("reloaded the configuration");
            assertThat(proxy.err())
                    .containsPattern(
                            "WARN .* the reload has changed who may publish without credentials before=\"everyone\""
                                    + " now=\"verified\" .*because log_format \\(file .*, line 1\\)");
            assertThat(publish(proxy, Map.of())).isEqualTo(9);
        }
    }
}
