package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.Squid;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HoldConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A site with a real Squid: its proxy tells subscribers of a revision once its stratum 1 serves it and the Squid is fresh. The web server
 * lets caches keep manifests for 61 s, as Apache does for CVMFS.
 */
class HoldIT {

    private static final String HELD = "held.example.org";
    private static final String NOT_HELD = "not-held.example.org";
    private static Squid squid;
    private static SigningKeys keys;

    @TempDir
    Path folder;

    private HttpServer stratum1;
    private NotifyProxy proxy;
    private HttpClient behindSquid;

    @BeforeAll
    static void startSquid() throws IOException {
        squid = Squid.start();
        keys = SigningKeys.shared("example.org", Clock.systemUTC().instant());
    }

    @AfterAll
    static void stopSquid() {
        if (squid != null) {
            squid.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        stratum1 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stratum1.createContext("/", this::answer);
        stratum1.start();
        proxy = started();
        behindSquid =
                HttpClient.newBuilder().proxy(ProxySelector.of(squid.address())).build();
    }

    private NotifyProxy started() throws IOException {
        HoldConfig hold = new HoldConfig(
                new RepositoryPattern("held.*"),
                List.of(url("@fqrn@")),
                List.of(HttpCache.parse(squid.url())),
                Requirement.ALL,
                Duration.ofMinutes(5));
        ProxyConfig config = TestConfigs.with(
                TestConfigs.standalone(0), new DeliveryConfig(Duration.ZERO, Duration.ZERO, List.of(hold), List.of()));
        NotifyProxy made = new NotifyProxy(Accesses.open(config), Clock.systemUTC());
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        proxy.close();
        stratum1.stop(0);
    }

    @Test
    void aClientBehindAWarmSquidReadsTheRevisionAtTheMomentItIsTold() throws Exception {
        SampleRepository repository = publishedAndRead(HELD);
        try (Subscriber subscriber = new Subscriber(HELD)) {
            announce(repository);
            await().until(() -> get("/api/v1/held").contains("0 of 1 replicas have"));
            assertThat(get("/api/v1/held")).contains("\"revision\":2");
            assertThat(revisionThroughSquid(HELD)).as("the Squid's copy").isEqualTo("1");

            repository.snapshotTo(folder.resolve("stratum1/" + HELD));

            assertThat(subscriber.next()).isEqualTo("2");
            assertThat(revisionThroughSquid(HELD)).isEqualTo("2");
            assertThat(get("/api/v1/held")).isEqualTo("{\"held\":[]}");
        }
    }

    @Test
    void withoutHoldingItWouldReadTheFormerRevision() throws Exception {
        SampleRepository repository = publishedAndRead(NOT_HELD);
        repository.snapshotTo(folder.resolve("stratum1/" + NOT_HELD));
        try (Subscriber subscriber = new Subscriber(NOT_HELD)) {
            announce(repository);

            assertThat(subscriber.next()).isEqualTo("2");
            assertThat(revisionThroughSquid(NOT_HELD)).isEqualTo("1");
        }
    }

    /** Returns a repository with revision 2, of which the stratum 1 has revision 1, and the Squid a copy of that manifest. */
    private SampleRepository publishedAndRead(String name) throws Exception {
        SampleRepository repository = SampleRepository.create(
                folder.resolve("stratum0/" + name),
                new RepositoryName(name),
                HashAlgorithm.SHA1,
                Clock.systemUTC(),
                keys);
        repository.snapshotTo(folder.resolve("stratum1/" + name));
        assertThat(revisionThroughSquid(name)).isEqualTo("1");
        repository.publish();
        return repository;
    }

    private String url(String repository) {
        return "http://127.0.0.1:%d/%s".formatted(stratum1.getAddress().getPort(), repository);
    }

    private String revisionThroughSquid(String repository) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(repository) + "/.cvmfspublished"))
                .build();
        byte[] manifest = behindSquid.send(request, BodyHandlers.ofByteArray()).body();
        return Manifest.parse(manifest).revision().toString();
    }

    private void announce(SampleRepository repository) throws IOException, InterruptedException {
        byte[] message = ActivityMessage.announce(
                        repository.manifestBytes(), Clock.systemUTC().instant())
                .raw();
        HttpRequest publish = HttpRequest.newBuilder(api("/api/v1/publish"))
                .POST(BodyPublishers.ofByteArray(message))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(publish, BodyHandlers.ofString())
                        .statusCode())
                .as("answered as without holding")
                .isEqualTo(200);
    }

    private String get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(api(path)).build(), BodyHandlers.ofString())
                .body();
    }

    private URI api(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(proxy.address().getPort(), path));
    }

    /** As Apache serves the folder of a stratum 1. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Path file = folder.resolve("stratum1")
                    .resolve(exchange.getRequestURI().getPath().substring(1));
            if (!Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            String tag = "\"%x\"".formatted(java.util.Arrays.hashCode(content));
            exchange.getResponseHeaders().set("ETag", tag);
            exchange.getResponseHeaders().set("Cache-Control", "max-age=61");
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
            } else {
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        }
    }

    /** Reads an event stream, and blocks until there is an event. */
    private final class Subscriber implements AutoCloseable {

        private final BufferedReader events;

        Subscriber(String repository) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(api("/api/v1/subscribe?repository=" + repository))
                    .build();
            events = new BufferedReader(new InputStreamReader(
                    HttpClient.newHttpClient()
                            .send(request, BodyHandlers.ofInputStream())
                            .body(),
                    UTF_8));
        }

        String next() throws IOException {
            String line = events.readLine();
            while (line != null && !line.startsWith("data: ")) {
                line = events.readLine();
            }
            assertThat(line).as("an event before the end").isNotNull();
            return ActivityMessage.parse(line.substring("data: ".length()).getBytes(UTF_8))
                    .revision()
                    .toString();
        }

        @Override
        public void close() throws IOException {
            events.close();
        }
    }
}
