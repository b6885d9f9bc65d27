package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Frames;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What only a real socket shows: segments, resets, half-closed and vanished clients, the listening address. */
@ParameterizedClass
@EnumSource(SocketTransport.class)
@ExtendWith(LeakGuard.class)
class HttpServerSocketTest {

    private static final String A = "a.example.org";

    private final TestProxy proxy = new TestProxy(TestLimits.withConnections(3));
    private final HttpServer httpServer;

    HttpServerSocketTest(SocketTransport transport) {
        httpServer = proxy.httpServer(transport);
    }

    @BeforeEach
    void start() throws IOException {
        httpServer.start();
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    @Test
    void portZeroPicksAFreePortAndTellsIt() {
        assertThat(httpServer.address().getAddress().isLoopbackAddress()).isTrue();
        assertThat(httpServer.address().getPort()).isPositive();
    }

    @Test
    void aTakenPortIsRefusedWithAddressPortAndReason() {
        int port = httpServer.address().getPort();
        try (HttpServer second = proxy.server(at("localhost", port), TestProxy.LOOPS)) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(IOException.class)
                    .hasMessage("cannot listen on localhost port " + port + ": Address already in use");
        }
    }

    @Test
    void anAddressThatDoesNotExistIsRefused() {
        try (HttpServer lost = proxy.server(at("no-such-host.invalid", 0), TestProxy.LOOPS)) {
            assertThatThrownBy(lost::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no-such-host.invalid");
        }
    }

    private ProxyConfig at(String host, int port) {
        return TestProxy.config(host, port, TestConfigs.http(), proxy.limits);
    }

    @Test
    void aSuccessIsOneSegment() throws IOException {
        try (RawClient client = client()) {
            client.send(Requests.publishByCvmfs("/api/v1/publish", Requests.message(A, 1)));

            assertThat(client.readOnce()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            client.send(Requests.publish(A, 2));
            assertThat(client.readOnce()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n{\"status\":\"ok\"}");
        }
    }

    @Test
    void aFailureForTheCxxPublisherIsTwoSegments() throws IOException {
        boolean seenApart = false;
        try (RawClient client = client()) {
            // The second may arrive before the first is read; a single write could never be read in two.
            for (int attempt = 0; attempt < 200 && !seenApart; attempt++) {
                client.send(Requests.publishByCvmfs("/api/v1/publish", "{}"));
                String first = client.readOnce();
                seenApart = first.endsWith("\r\n\r\n") && !first.endsWith("0\r\n\r\n");
                if (!first.endsWith("0\r\n\r\n")) {
                    client.readUntil("0\r\n\r\n");
                }
            }
        }
        assertThat(seenApart).isTrue();
    }

    @Test
    void anEventForTheCxxSubscriberIsOneSegment() throws IOException {
        try (RawClient client = subscribed(Requests.subscribeByBody(A))) {
            proxy.publish(A, 1);

            String event = "data: " + Requests.message(A, 1) + "\n\n";
            assertThat(client.readOnce()).isEqualTo("%x\r\n%s\r\n".formatted(event.length(), event));
        }
    }

    @Test
    void theStreamOfACxxSubscriberEndsInAReset() throws IOException {
        try (RawClient client = subscribed(Requests.subscribeByBody(A))) {
            httpServer.close();

            assertThatThrownBy(client::readToEnd).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void theStreamOfABrowserEndsCleanly() throws IOException {
        String request = Requests.get("/api/v1/subscribe?repository=" + A);
        try (RawClient client = subscribed(request, "retry: 1000\n\n\r\n")) {
            httpServer.close();

            assertThat(client.readToEnd()).isEqualTo("0\r\n\r\n");
        }
    }

    @Test
    void aWebSocketIsClosedWith1001() throws IOException {
        try (RawClient client = subscribed(Requests.upgrade("/api/v1/subscribe?repository=" + A))) {
            httpServer.close();

            assertThat(client.readToEnd()).isEqualTo(Frames.close(1001, "Endpoint unavailable"));
        }
    }

    @Test
    void theAnswerToATooLongBodyIsReadAlthoughTheRestOfTheBodyIsNot() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
            client.send("x".repeat(50_000));

            assertThat(client.readToEnd())
                    .startsWith("HTTP/1.1 413 ")
                    .endsWith("{\"reason\":\"message_too_large\",\"status\":\"error\"}");
        }
    }

    @Test
    void aClientThatHalfClosesAfterItsRequestGetsItsAnswer() throws IOException {
        try (RawClient client = client()) {
            client.send(Requests.publish(A, 1)).closeOutput();

            assertThat(client.readToEnd()).endsWith("{\"status\":\"ok\"}");
        }
    }

    @Test
    void aVanishedSubscriberIsReleasedAlthoughNothingIsPublished() throws IOException {
        RawClient client = subscribed(Requests.subscribeByBody(A));

        client.close();

        await().untilAsserted(() -> assertThat(proxy.subscribers(A)).isZero());
        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_connections")).isZero());
    }

    @Test
    void connectionsOverTheLimitAreRefusedAsAFailureToEveryKindOfClient() throws IOException {
        try (RawClient first = subscribed(Requests.subscribeByBody(A));
                RawClient second = subscribed(Requests.subscribeByBody(A));
                RawClient third = subscribed(Requests.subscribeByBody(A));
                RawClient fourth = client()) {
            assertThat(fourth.readToEnd()).isEqualTo("""
                    HTTP/1.1 503 Service Unavailable\r
                    Content-Type: application/json\r
                    Transfer-Encoding: chunked\r
                    Connection: close\r
                    Retry-After: 5\r
                    \r
                    33\r
                    {"reason":"too_many_connections","status":"error"}\n\r
                    0\r
                    \r
                    """);

            proxy.publish(A, 1);
            for (RawClient subscriber : List.of(first, second, third)) {
                assertThat(subscriber.readOnce()).contains(Requests.message(A, 1));
            }
        }
        assertThat(proxy.count("cvmfs_notify_connections_refused", "reason", "too_many_connections"))
                .isEqualTo(1);
    }

    @Test
    void aPlaceBecomesFreeWhenAConnectionCloses() throws IOException {
        for (int i = 0; i < 10; i++) {
            await().untilAsserted(() ->
                    assertThat(proxy.gauge("cvmfs_notify_connections")).isLessThan(3));
            try (RawClient client = client()) {
                assertThat(client.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200 OK\r\n");
            }
        }
    }

    private RawClient client() throws IOException {
        return new RawClient(httpServer.address());
    }

    private RawClient subscribed(String request) throws IOException {
        return subscribed(request, "\r\n\r\n");
    }

    /** @param greetingEnd the last bytes of what a new subscriber is sent at once */
    private RawClient subscribed(String request, String greetingEnd) throws IOException {
        int before = proxy.subscribers(A);
        RawClient client = client().send(request);
        assertThat(client.readUntil(greetingEnd)).startsWith("HTTP/1.1 ");
        await().untilAsserted(() -> assertThat(proxy.subscribers(A)).isGreaterThan(before));
        return client;
    }
}
