package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two packaged proxies on one RabbitMQ poll a signed repository on a web server, whose publisher does nothing but publish: every
 * subscriber of both gets each revision once.
 */
@NeedsRabbitMq
class PollIT {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");
    private static final int REVISIONS = 8;

    private final Broker broker;
    private final TokenHash.Minted token = TokenHash.mint();
    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicInteger complete = new AtomicInteger();
    private final AtomicInteger notModified = new AtomicInteger();
    private final Set<Integer> connections = ConcurrentHashMap.newKeySet();

    @TempDir
    Path folder;

    private SampleRepository repository;
    private HttpServer stratum0;

    PollIT(Broker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void start() throws IOException {
        repository = SampleRepository.create(folder.resolve("stratum0"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
        stratum0 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        stratum0.createContext("/cvmfs/" + NAME + "/", this::answer);
        stratum0.start();
    }

    @AfterEach
    void stop() {
        stratum0.stop(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUIRED", "OFF"})
    void eachRevisionIsAnnouncedOnceHoweverManyProxiesPoll(StreamUse stream) throws Exception {
        AmqpSettings amqp = broker.amqp().names(UUID.randomUUID().toString()).stream(stream);
        try (JarProcess one = serve(amqp, "1s");
                JarProcess other = serve(amqp, "1s");
                JarProcess first = subscribe(one);
                JarProcess second = subscribe(other)) {
            await(first, 1);
            await(second, 1);
            for (int revision = 2; revision <= REVISIONS; revision++) {
                repository.publish();
                await(first, revision);
                await(second, revision);
            }

            assertThat(first.out()).hasLineCount(REVISIONS);
            assertThat(second.out()).hasLineCount(REVISIONS);
            assertThat(announcements(one) + announcements(other))
                    .as("entries of the log that each proxy has delivered")
                    .isEqualTo(2 * REVISIONS);
            assertThat(complete)
                    .as("manifests sent, at most one for each proxy and revision")
                    .hasValueLessThanOrEqualTo(2 * REVISIONS);
            assertThat(notModified).hasPositiveValue();
            assertThat(connections).as("of both proxies, for manifests").hasSizeLessThanOrEqualTo(2);
            assertThat(one.err() + other.err())
                    .contains("announcement accepted", "publisher=\"a poll\"", "address=\"" + url() + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "REQUIRED")
    void aUrlIsEnoughToAnnounce(StreamUse stream) throws Exception {
        AmqpSettings amqp = broker.amqp().names(UUID.randomUUID().toString()).stream(stream);
        try (JarProcess proxy = serve(amqp, "24h");
                JarProcess subscriber = subscribe(proxy)) {
            await(subscriber, 1);
            repository.publish();

            JsonNode answer =
                    json(refresh(proxy, NAME + "/refresh/" + token.token().value()), 200);
            assertThat(answer.path("announced").asBoolean()).isTrue();
            assertThat(answer.path("revision").asInt()).isEqualTo(2);
            await(subscriber, 2);
            JsonNode again =
                    json(refresh(proxy, NAME + "/refresh/" + token.token().value()), 200);
            assertThat(again.path("announced").asBoolean()).isFalse();

            assertThat(refresh(proxy, NAME + "/refresh").statusCode()).isEqualTo(401);
            assertThat(refresh(proxy, NAME + "/refresh/guess").statusCode()).isEqualTo(401);
            assertThat(refresh(
                                    proxy,
                                    "elsewhere.example.org/refresh/"
                                            + token.token().value())
                            .statusCode())
                    .isEqualTo(404);
            Files.delete(repository.folder().resolve(".cvmfspublished"));
            HttpResponse<String> missing =
                    refresh(proxy, NAME + "/refresh/" + token.token().value());
            assertThat(missing.statusCode()).isEqualTo(502);
            assertThat(missing.headers().firstValue("X-Cvmfs-Notify-Detail"))
                    .contains("the stratum 0 has no manifest of the repository");
            assertThat(proxy.err())
                    .contains("publisher=\"refresh by token hook\"")
                    .doesNotContain(token.token().value());
        }
    }

    private JarProcess serve(AmqpSettings amqp, String poll) throws IOException {
        Path config = Files.writeString(Files.createTempFile(folder, "config", ".json"), """
                {"port": 0, "bind": "127.0.0.1",
                 "amqp": {"url": "%s", "port": %d, "vhost": "%s", "user": "%s", "pass": "%s", "exchange": "%s",
                          "stream": "%s", "stream_name": "%s", "tls": %s},
                 "access": {"anonymous_publish": "nobody", "tokens": [{"name": "hook", "hash": "%s", "refresh": "*"}]},
                 "repositories": [{"name": "sw.example.org", "verify": "required", "stratum0": "%s", "poll": "%s",
                                   "master_keys": "%s/master.pub"}]}
                """.formatted(
                        amqp.host(),
                        amqp.port(),
                        amqp.vhost(),
                        amqp.user(),
                        amqp.password(),
                        amqp.toConfig().exchange(),
                        amqp.toConfig().stream().name().toLowerCase(Locale.ROOT),
                        amqp.toConfig().streamName(),
                        amqp.toConfig().tls(),
                        token.hash(),
                        url(),
                        poll,
                        folder));
        JarProcess proxy = JarProcess.start(folder, "serve", "--config", config.toString());
        proxy.awaitOut("listening on ");
        return proxy;
    }

    private JarProcess subscribe(JarProcess proxy) throws IOException {
        return JarProcess.start(folder, "subscribe", "-u", proxy.server(), "-t", NAME.value(), "-c", "--verify", "off");
    }

    private static void await(JarProcess subscriber, int revision) {
        Awaitility.await()
                .atMost(JarProcess.LIMIT)
                .until(() -> subscriber.out().contains(" revision %d,".formatted(revision)));
    }

    private HttpResponse<String> refresh(JarProcess proxy, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(proxy.server() + "/repositories/" + path))
                        .POST(BodyPublishers.ofString("{\"a\":\"webhook\"}"))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response, int status) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return new JsonMapper().readTree(response.body());
    }

    private int announcements(JarProcess proxy) throws IOException, InterruptedException {
        String metrics = http.send(
                        HttpRequest.newBuilder(proxy.uri().resolve("/metrics")).build(), BodyHandlers.ofString())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith("cvmfs_notify_announcements_total "))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    private String url() {
        return "http://127.0.0.1:%d/cvmfs/%s".formatted(stratum0.getAddress().getPort(), NAME);
    }

    /** As Apache answers. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI()
                    .getPath()
                    .substring("/cvmfs/".length() + NAME.value().length() + 1);
            Path file = repository.folder().resolve(path);
            if (!Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            boolean isManifest = path.equals(".cvmfspublished");
            if (isManifest) {
                connections.add(exchange.getRemoteAddress().getPort());
            }
            String tag = "\"%x\"".formatted(Arrays.hashCode(content));
            exchange.getResponseHeaders().set("ETag", tag);
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                notModified.addAndGet(isManifest ? 1 : 0);
                exchange.sendResponseHeaders(304, -1);
            } else {
                complete.addAndGet(isManifest ? 1 : 0);
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        }
    }
}
