package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig.PublishUse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line against a whole proxy that asks for rights. */
class PublishRightsTest {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");

    @TempDir
    Path folder;

    private static final String LOCAL_TOKEN_VARIABLE = "CVMFS_NOTIFY_ACCESS_LOCAL_TOKEN_FILE";

    private Path token;
    private Path localToken;
    private Path gatewayKey;
    private SampleRepository repository;
    private NotifyProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        token = folder.resolve("token");
        localToken = folder.resolve("local.token");
        LocalToken.makeIfAbsent(localToken);
        gatewayKey = Files.writeString(folder.resolve("sw.example.org.gw"), "plain_text gateway1 s3cret\n");
        repository = SampleRepository.create(folder.resolve("stratum0"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
        String entry = CommandRun.of("token", "--name", "tester", "--publish", "*", "--token-file", token.toString())
                .out()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
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
        assertThat(run.err())
                .contains("credentials with the right to publish sw.example.org are needed")
                .contains("notify-proxy token --name NAME --publish sw.example.org")
                .contains("--token-file", "/etc/cvmfs/notify/local.token");
    }

    @Test
    void aTokenFromAFileIsAccepted() {
        assertThat(publish("--token-file", token.toString()).exitCode()).isZero();
    }

    @Test
    void aGatewayKeyIsAccepted() {
        assertThat(publish("--gateway-key", gatewayKey.toString()).exitCode()).isZero();
    }

    @Test
    void anotherGatewayKeyIsRefusedWithoutShowingItsSecret() throws IOException {
        Path other = Files.writeString(folder.resolve("other.gw"), "plain_text gateway1 hunter2\n");

        CommandRun run = publish("--gateway-key", other.toString(), "-v");

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err())
                .contains("credentials in the Authorization header are not valid")
                .doesNotContain("hunter2");
    }

    @Test
    void theLocalTokenIsFoundWithoutSetUp() {
        CommandRun run = publishWith(Map.of(LOCAL_TOKEN_VARIABLE, localToken.toString()));

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void aGivenTokenTakesPrecedenceOverTheLocalOne() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "hunter2\n");

        CommandRun run =
                publishWith(Map.of(LOCAL_TOKEN_VARIABLE, localToken.toString()), "--token-file", wrong.toString());

        assertThat(run.exitCode()).isEqualTo(9);
        assertThat(run.err()).contains("credentials in the Authorization header are not valid");
    }

    @Test
    void aLocalTokenReadableByOthersIsNeitherSentNorAccepted() throws IOException {
        Files.setPosixFilePermissions(localToken, PosixFilePermissions.fromString("rw-r--r--"));
        proxy.reload(config("nobody", "{}", "off"));

        assertThat(publishWith(Map.of(LOCAL_TOKEN_VARIABLE, localToken.toString()))
                        .exitCode())
                .isEqualTo(9);
        assertThat(publish("--token-file", localToken.toString()).exitCode()).isEqualTo(9);
    }

    @Test
    void aNewLocalTokenCountsAfterAReload() throws IOException {
        Map<String, String> environment = Map.of(LOCAL_TOKEN_VARIABLE, localToken.toString());
        Files.delete(localToken);
        LocalToken.makeIfAbsent(localToken);
        assertThat(publishWith(environment).exitCode()).isEqualTo(9);

        proxy.reload(config("nobody", "{}", "off"));

        assertThat(publishWith(environment).exitCode()).isZero();
    }

    @Test
    void toBecomeARelayByAReloadLetsNobodyPublishBeforeTheRestart() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "hunter2\n");

        proxy.reload(config("nobody", "{}", "off")
                .withUpstream(Optional.of(new UpstreamConfig(
                        NotificationServer.parse("http://127.0.0.1:9/api/v1"),
                        new Secret(""),
                        Optional.empty(),
                        Optional.empty(),
                        PublishUse.AS_CALLER,
                        Protocol.AUTO,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1)))));

        assertThat(publish("--token-file", wrong.toString()).exitCode()).isEqualTo(9);
    }

    /** A server that sends it on could otherwise have it sent to any machine. */
    @Test
    void aRedirectDoesNotGetTheLocalToken() throws IOException {
        List<String> sent = new CopyOnWriteArrayList<>();
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", exchange -> {
            sent.add("target");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        HttpServer first = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        first.createContext("/", exchange -> {
            sent.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.getResponseHeaders()
                    .set(
                            "Location",
                            "http://127.0.0.1:%d/".formatted(target.getAddress().getPort()));
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        target.start();
        first.start();
        try {
            CommandRun run =
                    publishTo(first.getAddress().getPort(), Map.of(LOCAL_TOKEN_VARIABLE, localToken.toString()));

            assertThat(run.exitCode()).isEqualTo(9);
            assertThat(sent).singleElement().asString().startsWith("Bearer cvmfs-notify_local");
        } finally {
            first.stop(0);
            target.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:4930/api/v1, true",
        "http://127.8.9.10/api/v1, true",
        "https://localhost:4930/api/v1, true",
        "http://[::1]:4930/api/v1, true",
        "http://192.0.2.1:4930/api/v1, false",
        "http://0.0.0.0:4930/api/v1, false",
        "http://notify.example.org:4930/api/v1, false",
        "http://localhost.example.org/api/v1, false",
        "http://127.0.0.1.example.org/api/v1, false",
        "http://10.0.0.1/127.0.0.1, false",
    })
    void theLocalTokenGoesToLoopbackAddressesOnly(URI server, boolean stays) {
        assertThat(ServerOptions.isOnThisMachine(server)).isEqualTo(stays);
    }

    @Test
    void theLocalTokenDoesNotGoThroughAnHttpProxy() {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("192.0.2.1", 3128)));
        try {
            assertThat(ServerOptions.isOnThisMachine(URI.create("http://127.0.0.1:4930/api/v1")))
                    .isFalse();
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void aReloadAdmitsSignedAnnouncements() throws IOException {
        assertThat(publish().exitCode()).isEqualTo(9);

        proxy.reload(config("verified", "{}", "required"));

        assertThat(publish().exitCode()).isZero();
    }

    private CommandRun publish(String... further) {
        return publishWith(Map.of(), further);
    }

    private CommandRun publishWith(Map<String, String> environment, String... further) {
        return publishTo(proxy.address().getPort(), environment, further);
    }

    private CommandRun publishTo(int port, Map<String, String> environment, String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "publish",
                "-u",
                "http://127.0.0.1:%d/api/v1".formatted(port),
                "-r",
                repository.folder().toString(),
                "--timeout",
                "0"));
        arguments.addAll(List.of(further));
        return CommandRun.with(environment, arguments.toArray(String[]::new));
    }

    private ProxyConfig config(String anonymous, String tokenEntry, String verify) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "port": 0,
                 "access": {"anonymous_publish": "%s", "local_token_file": "%s", "tokens": [%s], "gateway_keys": [{"file": "%s"}]},
                 "repositories": [{"name": "sw.example.org", "verify": "%s", "stratum0": "%s", "master_keys": "%s"}]}
                """.formatted(
                        anonymous,
                        localToken,
                        tokenEntry.equals("{}") ? "" : tokenEntry,
                        gatewayKey,
                        verify,
                        repository.folder(),
                        folder.resolve("master.pub")));
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
    }
}
