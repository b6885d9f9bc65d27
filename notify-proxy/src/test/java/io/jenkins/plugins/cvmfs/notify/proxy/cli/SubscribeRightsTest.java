package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Waits and subscribers against a whole proxy that does not let everyone subscribe. */
class SubscribeRightsTest {

    private static final String NAME = "sw.example.org";

    @TempDir
    Path folder;

    private Path token;
    private NotifyProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        token = folder.resolve("token");
        String entry = CommandRun.of(
                        "token", "--name", "tester", "--subscribe", "other.*", "--token-file", token.toString())
                .out()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow();
        Path file = Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "port": 0, "access": {"anonymous_subscribe": "nobody", "tokens": [%s]}}
                """.formatted(entry));
        ProxyConfig config = ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
        proxy = new NotifyProxy(config, Clock.systemUTC());
        proxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, '', credentials with the right to subscribe to sw.example.org are needed",
        "websocket, token, these credentials lack the right to subscribe to sw.example.org",
        "sse, '', credentials with the right to subscribe to sw.example.org are needed",
        "sse, token, these credentials lack the right to subscribe to sw.example.org"
    })
    void aWaitReportsARefusedSubscriptionAndPolls(String transport, String credentials, String missing) {
        // Given a replica that has the revision before
        SampleRepository repository = SampleRepository.create(
                folder.resolve("stratum0"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());

        // When one revision is there and another is not
        CommandRun there = waitFor(1, transport, credentials, repository);
        CommandRun notThere = waitFor(2, transport, credentials, repository);

        // Then
        assertThat(there.exitCode()).as(there.err()).isZero();
        assertThat(notThere.exitCode()).isEqualTo(3);
        assertThat(notThere.err())
                .contains("the notification server refuses the subscription", missing)
                .doesNotContain("connected to the notification server");
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, subscription refused, credentials with the right to subscribe",
        "sse, not connected, credentials with the right to subscribe"
    })
    void aRefusedSubscriptionIsReportedWithTheMissingRight(String transport, String problem, String missing) {
        CommandRun run = CommandRun.of(
                "subscribe", "-u", url(), "-t", NAME, "--verify", "off", "--transport", transport, "--timeout", "2s");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .startsWith("notify-proxy: %s: ".formatted(problem))
                .contains("\nnotify-proxy: timed out without a new revision: ")
                .contains(missing);
    }

    private CommandRun waitFor(int revision, String transport, String credentials, SampleRepository repository) {
        return CommandRun.with(
                credentials.isEmpty() ? Map.of() : Map.of("CVMFS_NOTIFICATION_TOKEN", readToken()),
                "wait",
                "-u",
                url(),
                "--transport",
                transport,
                "--repository",
                NAME,
                "--revision",
                String.valueOf(revision),
                "--timeout",
                "3s",
                "--replica",
                "a=" + repository.folder());
    }

    private String readToken() {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String url() {
        return "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
    }
}
