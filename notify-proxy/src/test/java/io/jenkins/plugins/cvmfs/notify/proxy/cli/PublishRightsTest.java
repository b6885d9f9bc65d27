package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against a whole proxy that asks for rights. */
class PublishRightsTest {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");

    @TempDir
    Path folder;

    private Path token;
    private Path gatewayKey;
    private SampleRepository repository;
    private NotifyProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        token = folder.resolve("token");
        gatewayKey = Files.writeString(folder.resolve("sw.example.org.gw"), "plain_text gateway1 s3cret\n");
        repository = SampleRepository.create(folder.resolve("stratum0"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
        String entry = CommandRun.of("token", "--name", "tester", "--publish", "*", "--token-file", token.toString())
                .out()
                .lines()
                .reduce((first, second) -> second)
                .orElseThrow();
        proxy = new NotifyProxy(config("nobody", entry, "off"), Clock.systemUTC());
        proxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @Test
    void withoutCredentialsThePublishIsRefusedAndSaysWhatIsMissing() {
        CommandRun run = publish();

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err()).contains("credentials with the right to publish sw.example.org are needed here");
    }

    @Test
    void aTokenFromAFileIsGood() {
        assertThat(publish("--token-file", token.toString()).exitCode()).isZero();
    }

    @Test
    void aGatewayKeyIsGood() {
        assertThat(publish("--gateway-key", gatewayKey.toString()).exitCode()).isZero();
    }

    @Test
    void anotherGatewayKeyIsNotAndItsSecretIsNotShown() throws IOException {
        Path other = Files.writeString(folder.resolve("other.gw"), "plain_text gateway1 hunter2\n");

        CommandRun run = publish("--gateway-key", other.toString(), "-v");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err())
                .contains("credentials in the Authorization header are not valid")
                .doesNotContain("hunter2");
    }

    @Test
    void aReloadLetsInWhatIsSigned() throws IOException {
        assertThat(publish().exitCode()).isEqualTo(9);

        proxy.reload(config("verified", "{}", "required"));

        assertThat(publish().exitCode()).isZero();
    }

    private CommandRun publish(String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "publish",
                "-u",
                "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort()),
                "-r",
                repository.folder().toString(),
                "--timeout",
                "0"));
        arguments.addAll(List.of(further));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    private ProxyConfig config(String anonymous, String tokenEntry, String verify) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "port": 0,
                 "access": {"anonymous_publish": "%s", "tokens": [%s], "gateway_keys": [{"file": "%s"}]},
                 "repositories": [{"name": "sw.example.org", "verify": "%s", "stratum0": "%s", "master_keys": "%s"}]}
                """.formatted(
                        anonymous,
                        tokenEntry.equals("{}") ? "" : tokenEntry,
                        gatewayKey,
                        verify,
                        repository.folder(),
                        folder.resolve("master.pub")));
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
    }
}
