package io.jenkins.plugins.cvmfs.notify.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifyProxyTest {

    private static final String MANIFEST = """
            C0123456789012345678901234567890123456789
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S7
            Ntest.example.org
            --
            """;

    @TempDir
    Path state;

    @Test
    void whatWasAcknowledgedIsKnownToTheNextOneOnTheSameFolder() throws IOException, InterruptedException {
        try (NotifyProxy first = started(0)) {
            HttpRequest publish = HttpRequest.newBuilder(uri(first, "/api/v1/publish"))
                    .POST(BodyPublishers.ofByteArray(ActivityMessage.announce(MANIFEST.getBytes(UTF_8), Instant.EPOCH)
                            .raw()))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(publish, BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }

        try (NotifyProxy next = started(0)) {
            HttpRequest describe = HttpRequest.newBuilder(uri(next, "/api/v1/repositories/test.example.org"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(describe, BodyHandlers.ofString())
                            .body())
                    .contains("\"revision\":7,");
        }
    }

    @Test
    void aStartThatFailsGivesTheStateFolderBack() throws IOException {
        try (NotifyProxy occupant = new NotifyProxy(TestConfigs.standalone(0), Clock.systemUTC())) {
            occupant.start();

            assertThatThrownBy(() -> started(occupant.address().getPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(occupant.address().getPort()));
        }

        try (NotifyProxy next = started(0)) {
            assertThat(next.address().getPort()).isPositive();
        }
    }

    @Test
    void twoCannotShareAStateFolder() throws IOException {
        try (NotifyProxy first = started(0)) {
            assertThatThrownBy(() -> started(0))
                    .isInstanceOf(PermanentFailureException.class)
                    .hasMessageContaining(state.toString());
            assertThat(first.address().getPort()).isPositive();
        }
    }

    @Test
    void aStatusPageThatNobodyMaySeeIsNotThere() throws IOException, InterruptedException {
        ProxyConfig config = ConfigLoader.load(new ConfigSources(
                        Optional.empty(),
                        Map.of(
                                "CVMFS_NOTIFY_STANDALONE", "true",
                                "CVMFS_NOTIFY_PORT", "0",
                                "CVMFS_NOTIFY_PAGE_ACCESS", "nobody"),
                        List.of()))
                .config();
        try (NotifyProxy proxy = new NotifyProxy(config, Clock.systemUTC())) {
            proxy.start();

            for (String path : List.of("/", "/page/main.js", "/api/v1/status")) {
                HttpRequest look = HttpRequest.newBuilder(uri(proxy, path)).build();
                assertThat(HttpClient.newHttpClient()
                                .send(look, BodyHandlers.discarding())
                                .statusCode())
                        .as(path)
                        .isEqualTo(404);
            }
        }
    }

    @Test
    void closingTwiceIsFine() throws IOException {
        NotifyProxy proxy = started(0);

        proxy.close();
        proxy.close();

        assertThatThrownBy(() -> HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(uri(proxy, "/healthz")).build(), BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
    }

    private NotifyProxy started(int port) throws IOException {
        ProxyConfig inMemory = TestConfigs.standalone(port);
        ProxyConfig onDisk = new ProxyConfig(
                inMemory.bind(),
                port,
                inMemory.logLevel(),
                true,
                Optional.of(state),
                inMemory.http(),
                inMemory.amqp(),
                Optional.empty(),
                inMemory.limits(),
                inMemory.delivery(),
                inMemory.operator(),
                inMemory.access());
        NotifyProxy proxy = new NotifyProxy(Accesses.open(onDisk), Clock.systemUTC());
        proxy.start();
        return proxy;
    }

    private static URI uri(NotifyProxy proxy, String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(proxy.address().getPort(), path));
    }
}
