package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packaged proxies tell a receiver that verifies signatures, fails, and is not there; proxies are killed between announcement and delivery. */
@NeedsRabbitMq
class WebhookIT {

    private static final String OLD = secret((byte) 1);
    private static final String NEW = secret((byte) 2);

    private final Broker broker;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    Path folder;

    private Receiver receiver;

    WebhookIT(Broker broker) {
        this.broker = broker;
    }

    /** One request as it came. */
    private record Received(String id, String timestamp, String signature, String body) {

        boolean isSignedBy(String secret) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(
                        Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
                byte[] hash =
                        mac.doFinal("%s.%s.%s".formatted(id, timestamp, body).getBytes(UTF_8));
                return List.of(signature.split(" "))
                        .contains("v1," + Base64.getEncoder().encodeToString(hash));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        String what() {
            try {
                JsonNode data = new JsonMapper().readTree(body).path("data");
                return data.path("repository").asText() + " "
                        + data.path("revision").asText();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A web server on one port, which may be down. */
    private final class Receiver {

        private final int port = FreePort.find();
        private final List<Received> accepted = new CopyOnWriteArrayList<>();
        private final List<Received> all = new CopyOnWriteArrayList<>();
        private volatile int status = 204;
        private HttpServer server;

        void start() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            server.setExecutor(threads);
            server.createContext("/hook", this::take);
            server.start();
        }

        void stop() {
            if (server != null) {
                server.stop(0);
            }
        }

        /** With status 0 it reads the request, and is killed before it answers. */
        private void take(HttpExchange exchange) throws IOException {
            try (exchange) {
                var headers = exchange.getRequestHeaders();
                Received received = new Received(
                        headers.getFirst("webhook-id"),
                        headers.getFirst("webhook-timestamp"),
                        headers.getFirst("webhook-signature"),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                all.add(received);
                if (status == 0) {
                    return;
                }
                if (status == 204) {
                    accepted.add(received);
                }
                exchange.sendResponseHeaders(status, -1);
            }
        }

        void awaitAccepted(String... what) {
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .untilAsserted(() ->
                            assertThat(accepted).extracting(Received::what).contains(what));
        }

        void awaitRequests(int count) {
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .untilAsserted(() -> assertThat(all).hasSizeGreaterThanOrEqualTo(count));
        }
    }

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        Files.writeString(folder.resolve("old.secret"), OLD + "\n");
        Files.writeString(folder.resolve("new.secret"), NEW + "\n");
    }

    @AfterEach
    void stop() {
        receiver.stop();
        threads.shutdownNow();
    }

    @Test
    void anAnnouncementSurvivesAKillOfTheProxyBeforeItsDelivery() throws Exception {
        Path config = config("\"standalone\": true", "old.secret");
        try (JarProcess proxy = serve(config)) {
            publish(proxy, "sw.example.org", 1);
            publish(proxy, "sw.example.org", 2);
            publish(proxy, "data.example.org", 7);
            proxy.awaitErr("webhook does not accept a message");
            JsonNode shown = new JsonMapper()
                    .readTree(get(proxy, "/api/v1/webhooks").body())
                    .path("webhooks")
                    .path(0);
            assertThat(shown.path("webhook").asText()).isEqualTo("ci");
            assertThat(shown.path("to").asText()).isEqualTo("http://127.0.0.1:" + receiver.port);
            assertThat(shown.path("event").asText()).isEqualTo("announced");
            assertThat(shown.path("queued").asInt()).isEqualTo(2);
            assertThat(shown.path("awaited").asInt()).isZero();
            assertThat(shown.path("given_up").asInt()).isZero();
            assertThat(shown.path("last_failed").isTextual()).isTrue();
            assertThat(shown.path("problem").asText()).isEqualTo("the connection is refused");
            assertThat(shown.path("failing_since").isTextual()).isTrue();
            assertThat(shown.path("last_delivered").isNull()).isTrue();
            proxy.kill();
        }
        receiver.start();
        try (JarProcess proxy = serve(config)) {
            receiver.awaitAccepted("sw.example.org 2", "data.example.org 7");
            publish(proxy, "sw.example.org", 3);
            receiver.awaitAccepted("sw.example.org 3");
            awaitQueued(proxy, 0);
            proxy.kill();
        }
        try (JarProcess proxy = serve(config)) {
            publish(proxy, "sw.example.org", 4);
            receiver.awaitAccepted("sw.example.org 4");
        }

        assertThat(receiver.accepted)
                .extracting(Received::what)
                .containsExactlyInAnyOrder(
                        "sw.example.org 2", "data.example.org 7", "sw.example.org 3", "sw.example.org 4");
        assertThat(receiver.accepted).allMatch(received -> received.isSignedBy(OLD));
    }

    @Test
    void aReceiverThatFailsHangsOrIsKilledGetsTheMessageWithOneIdOnceItAccepts() throws Exception {
        receiver.status = 500;
        receiver.start();
        try (JarProcess proxy = serve(config("\"standalone\": true", "old.secret"))) {
            publish(proxy, "sw.example.org", 1);
            receiver.awaitRequests(2);
            receiver.status = 0;
            int before = receiver.all.size();
            receiver.awaitRequests(before + 1);
            receiver.status = 302;
            receiver.awaitRequests(before + 2);
            receiver.status = 204;
            receiver.awaitAccepted("sw.example.org 1");
            awaitQueued(proxy, 0);

            assertThat(proxy.err())
                    .contains("it answers 500", "webhook accepts messages again")
                    .doesNotContain("?key=");
        }
        assertThat(receiver.all)
                .extracting(Received::id)
                .containsOnly(receiver.accepted.get(0).id());
        assertThat(receiver.accepted).hasSize(1);
    }

    @Test
    void secretsRotateWithoutARestart() throws Exception {
        receiver.start();
        Path config = config("\"standalone\": true", "old.secret");
        try (JarProcess proxy = serve(config)) {
            publish(proxy, "sw.example.org", 1);
            receiver.awaitAccepted("sw.example.org 1");
            Files.copy(
                    config("\"standalone\": true", "\"event\": \"announced\"", "new.secret", "old.secret"),
                    config,
                    StandardCopyOption.REPLACE_EXISTING);
            proxy.hangUp();
            proxy.awaitErr("webhooks");
            proxy.awaitErr("reloaded the configuration");
            publish(proxy, "sw.example.org", 2);
            receiver.awaitAccepted("sw.example.org 2");
        }

        assertThat(receiver.accepted.get(0).isSignedBy(NEW)).isFalse();
        assertThat(receiver.accepted.get(1).isSignedBy(NEW)).isTrue();
        assertThat(receiver.accepted.get(1).isSignedBy(OLD)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = "REQUIRED")
    void proxiesOfABrokerSendWithOneIdAndAKillOfBothLosesNothing(StreamUse stream) throws Exception {
        String amqp = amqp(broker.amqp().names(UUID.randomUUID().toString()).stream(stream));
        Path one = config(amqp, "old.secret");
        Path other = config(amqp, "old.secret");
        try (JarProcess first = serveWithBroker(one);
                JarProcess second = serveWithBroker(other)) {
            publish(first, "sw.example.org", 1);
            first.awaitErr("webhook does not accept a message");
            second.awaitErr("webhook does not accept a message");
            first.kill();
            second.kill();
        }
        receiver.start();
        try (JarProcess first = serveWithBroker(one);
                JarProcess second = serveWithBroker(other)) {
            awaitQueued(first, 0);
            awaitQueued(second, 0);
            receiver.awaitAccepted("sw.example.org 1");
            publish(second, "sw.example.org", 2);
            receiver.awaitAccepted("sw.example.org 2");
        }

        assertThat(receiver.accepted.stream().map(Received::id).distinct()).hasSize(2);
    }

    @Test
    void aRevisionIsToldOnceAReplicaServesItAlsoIfThatWasWhileTheProxyWasDown() throws Exception {
        SampleRepository repository = SampleRepository.create(
                folder.resolve("stratum0"),
                new RepositoryName("sw.example.org"),
                HashAlgorithm.SHA1,
                Clock.systemUTC());
        Path replica = folder.resolve("replica");
        repository.snapshotTo(replica);
        Path config = config("""
            "standalone": true,
            "watch": {"interval": "1s", "replicas": [{"name": "sw.example.org", "replicas": ["%s"]}]}\
            """.formatted(replica), "\"event\": \"readable\"", "old.secret");
        receiver.start();
        try (JarProcess proxy = serve(config)) {
            repository.publish();
            publish(proxy, repository);
            awaitMetric(proxy, "cvmfs_notify_webhook_awaited{webhook=\"ci\"} 1");
            assertThat(receiver.all).isEmpty();
            proxy.kill();
        }
        repository.snapshotTo(replica);
        try (JarProcess proxy = serve(config)) {
            receiver.awaitAccepted("sw.example.org 2");
            awaitQueued(proxy, 0);
            receiver.status = 0;
            repository.publish();
            publish(proxy, repository);
            repository.snapshotTo(replica);
            receiver.awaitRequests(2);
            proxy.kill();
        }
        receiver.status = 204;
        try (JarProcess proxy = serve(config)) {
            receiver.awaitAccepted("sw.example.org 3");
            awaitQueued(proxy, 0);
        }

        assertThat(receiver.accepted)
                .extracting(Received::what)
                .containsExactly("sw.example.org 2", "sw.example.org 3");
        assertThat(receiver.all.stream().map(Received::id).distinct()).hasSize(2);
        assertThat(receiver.all)
                .allSatisfy(received ->
                        assertThat(received.body()).contains("\"type\":\"io.jenkins.plugins.cvmfs.notify.readable\""));
    }

    private static String secret(byte fill) {
        byte[] key = new byte[32];
        Arrays.fill(key, fill);
        return "whsec_" + Base64.getEncoder().encodeToString(key);
    }

    private Path config(String log, String secret) throws IOException {
        return config(log, "\"event\": \"announced\"", secret);
    }

    private Path config(String log, String keys, String... secrets) throws IOException {
        Path file = Files.createTempFile(folder, "config", ".json");
        Path state = Files.createTempDirectory(folder, "state");
        String files = String.join(
                ", ",
                Stream.of(secrets)
                        .map(secret -> "\"%s\"".formatted(folder.resolve(secret)))
                        .toList());
        return Files.writeString(file, """
            {"port": 0, "bind": "127.0.0.1", %s, "state_dir": "%s", "access": {"anonymous_publish": "everyone"},
             "webhooks": [{"name": "ci", "url": "http://127.0.0.1:%d/hook?key=hidden", "secret_files": [%s], %s,
                           "timeout": "2s", "allow_private": true}]}
            """.formatted(log, state, receiver.port, files, keys));
    }

    private static String amqp(AmqpSettings amqp) {
        return """
            "amqp": {"url": "%s", "port": %d, "vhost": "%s", "user": "%s", "pass": "%s", "exchange": "%s",
                     "stream": "%s", "stream_name": "%s", "tls": %s}
            """.formatted(
                        amqp.host(),
                        amqp.port(),
                        amqp.vhost(),
                        amqp.user(),
                        amqp.password(),
                        amqp.toConfig().exchange(),
                        amqp.toConfig().stream().name().toLowerCase(Locale.ROOT),
                        amqp.toConfig().streamName(),
                        amqp.toConfig().tls());
    }

    private JarProcess serve(Path config) throws IOException {
        return JarProcess.serve(folder, "--config", config.toString());
    }

    private JarProcess serveWithBroker(Path config) throws Exception {
        JarProcess proxy = JarProcess.start(folder, "serve", "--config", config.toString());
        proxy.awaitOut("listening on ");
        Awaitility.await()
                .atMost(JarProcess.LIMIT)
                .until(() -> get(proxy, "/readyz").statusCode() == 200);
        return proxy;
    }

    private void publish(JarProcess proxy, String repository, long revision) throws Exception {
        publish(proxy, Announcements.of(repository, revision));
    }

    private void publish(JarProcess proxy, SampleRepository repository) throws Exception {
        publish(
                proxy,
                ActivityMessage.announce(
                        repository.manifestBytes(), Clock.systemUTC().instant()));
    }

    private void publish(JarProcess proxy, ActivityMessage message) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(proxy.uri().resolve("/api/v1/publish"))
                .POST(BodyPublishers.ofByteArray(message.raw()))
                .build();
        assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> get(JarProcess proxy, String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(proxy.uri().resolve(path)).build(), BodyHandlers.ofString());
    }

    private void awaitMetric(JarProcess proxy, String line) {
        Awaitility.await()
                .atMost(JarProcess.LIMIT)
                .untilAsserted(() -> assertThat(get(proxy, "/metrics").body()).contains(line));
    }

    private void awaitQueued(JarProcess proxy, int count) {
        Awaitility.await()
                .atMost(JarProcess.LIMIT)
                .untilAsserted(() -> assertThat(get(proxy, "/metrics").body())
                        .contains("cvmfs_notify_webhook_queued{webhook=\"ci\"} %d".formatted(count))
                        .contains("cvmfs_notify_webhook_messages_total{outcome=\"delivered\",webhook=\"ci\"}")
                        .doesNotContain(
                                "cvmfs_notify_webhook_messages_total{outcome=\"delivered\",webhook=\"ci\"} 0.0"));
    }
}
