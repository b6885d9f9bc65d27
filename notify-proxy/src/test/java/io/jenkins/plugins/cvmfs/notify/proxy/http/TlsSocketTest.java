package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Frames;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The endings and the writes of {@link HttpServerSocketTest}, over TLS; certificates that change. */
@ParameterizedClass
@MethodSource("transportsAndEngines")
@ExtendWith(LeakGuard.class)
class TlsSocketTest {

    private static final String A = "a.example.org";

    @TempDir
    static Path folder;

    @Parameter(0)
    SocketTransport transport;

    @Parameter(1)
    TlsEngine engine;

    private final TestProxy proxy = new TestProxy(TestLimits.withConnections(3));
    private final TestAuthority authority = new TestAuthority("Test authority");
    private HttpServer httpServer;

    @BeforeEach
    void start() throws IOException {
        authority.writeTo(folder.resolve("ca.pem"));
        authority.issue("localhost").write(folder, "server");
        new TestAuthority("clients").writeTo(folder.resolve("clients.pem"));
        httpServer = proxy.httpServer(tls(Duration.ofMinutes(1)), transport);
        httpServer.start();
    }

    static Stream<Arguments> transportsAndEngines() {
        return Arrays.stream(SocketTransport.values())
                .flatMap(transport ->
                        Stream.of(TlsEngine.JDK, TlsEngine.NATIVE).map(engine -> Arguments.of(transport, engine)));
    }

    private HttpConfig tls(Duration reloadInterval) {
        return TestConfigs.http(new TlsConfig(
                Optional.of(new KeyPairFiles(folder.resolve("server.pem"), folder.resolve("server.key"))),
                Optional.of(folder.resolve("clients.pem")),
                reloadInterval,
                engine));
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    private SSLSocket socket() throws IOException {
        return (SSLSocket) TlsIdentity.clientContext(Optional.of(folder.resolve("ca.pem")), Optional.empty())
                .getSocketFactory()
                .createSocket();
    }

    private RawClient client() throws IOException {
        return new RawClient(socket(), httpServer.address(), 0);
    }

    private RawClient subscribed(String request, String headEnd) throws IOException {
        RawClient client = client();
        int before = proxy.subscribers(A);
        client.send(request).readUntil(headEnd);
        await().until(() -> proxy.subscribers(A) == before + 1);
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aSuccessIsOneRecord(String version) throws IOException {
        SSLSocket socket = socket();
        socket.setEnabledProtocols(new String[] {version});
        try (RawClient client = new RawClient(socket, httpServer.address(), 0)) {
            client.send(Requests.publishByCvmfs("/api/v1/publish", Requests.message(A, 1)));

            assertThat(client.readOnce()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
        }
    }

    @Test
    void aFailureForTheCxxPublisherIsTwoRecords() throws IOException {
        try (RawClient client = client()) {
            client.send(Requests.publishByCvmfs("/api/v1/publish", "{}"));

            assertThat(client.readOnce()).startsWith("HTTP/1.1 400 ").endsWith("\r\n\r\n");
            assertThat(client.readOnce()).endsWith("\r\n0\r\n\r\n");
        }
    }

    @Test
    void oldVersionsOfTlsAreRefused() throws IOException {
        SSLSocket socket = socket();
        socket.setEnabledProtocols(new String[] {"TLSv1.1", "TLSv1"});
        try (RawClient client = new RawClient(socket, httpServer.address(), 0)) {
            assertThatThrownBy(() -> client.send(Requests.get("/hello"))).isInstanceOf(SSLException.class);
        }
    }

    @Test
    void anEventForTheCxxSubscriberIsOneRecordAndTheStreamEndsInAReset() throws IOException {
        try (RawClient client = subscribed(Requests.subscribeByBody(A), "\r\n\r\n")) {
            proxy.publish(A, 1);

            String event = "data: " + Requests.message(A, 1) + "\n\n";
            assertThat(client.readOnce()).isEqualTo("%x\r\n%s\r\n".formatted(event.length(), event));

            httpServer.close();

            assertThatThrownBy(client::readToEnd)
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(SocketException.class),
                            e -> assertThat(e).hasRootCauseInstanceOf(SocketException.class));
        }
    }

    @Test
    void manySubscribersEachGetEveryByteOfEveryEvent() throws IOException {
        try (RawClient one = subscribed(Requests.subscribeByBody(A), "\r\n\r\n");
                RawClient two = subscribed(Requests.subscribeByBody(A), "\r\n\r\n");
                RawClient three = subscribed(Requests.subscribeByBody(A), "\r\n\r\n")) {
            StringBuilder expected = new StringBuilder();
            for (int revision = 1; revision <= 5; revision++) {
                proxy.publish(A, revision);
                String event = "data: " + Requests.message(A, revision) + "\n\n";
                expected.append("%x\r\n%s\r\n".formatted(event.length(), event));
            }
            String lastEvent = Requests.message(A, 5) + "\n\n\r\n";

            for (RawClient client : new RawClient[] {one, two, three}) {
                assertThat(client.readUntil(lastEvent)).isEqualTo(expected.toString());
            }
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
    void aWebSocketIsClosedWith1001AndACloseNotify() throws IOException {
        try (RawClient client = subscribed(Requests.upgrade("/api/v1/subscribe?repository=" + A), "\r\n\r\n")) {
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
    void aVanishedSubscriberIsReleased() throws IOException {
        RawClient client = subscribed(Requests.subscribeByBody(A), "\r\n\r\n");

        client.close();

        await().untilAsserted(() -> assertThat(proxy.subscribers(A)).isZero());
    }

    @Test
    void aClientThatSpeaksNoTlsIsSentAwayAndCounted() throws IOException {
        try (RawClient client = new RawClient(httpServer.address())) {
            client.send(Requests.get("/hello"));

            assertThat(client.readToEnd()).doesNotContain("200 OK");
        }
        await().until(() -> proxy.count("cvmfs_notify_tls_handshakes_failed") == 1);
    }

    @Test
    void aClientsCertificateThatItsAuthorityHasNotSignedIsRefused() throws IOException {
        // Of the same name, else the client would not even show it
        new TestAuthority("clients").issue("client").write(folder, "client");
        SSLSocket socket = (SSLSocket) TlsIdentity.clientContext(
                        Optional.of(folder.resolve("ca.pem")),
                        Optional.of(new KeyPairFiles(folder.resolve("client.pem"), folder.resolve("client.key"))))
                .getSocketFactory()
                .createSocket();
        try (RawClient client = new RawClient(socket, httpServer.address(), 0)) {
            assertThatThrownBy(() -> client.send(Requests.get("/hello")).readOnce())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aClientsCertificateThatItsAuthorityHasSignedIsServed() throws IOException {
        // Given
        TestAuthority clients = new TestAuthority("clients");
        clients.writeTo(folder.resolve("clients.pem"));
        clients.issue("client").write(folder, "client");
        reload();
        SSLSocket socket = (SSLSocket) TlsIdentity.clientContext(
                        Optional.of(folder.resolve("ca.pem")),
                        Optional.of(new KeyPairFiles(folder.resolve("client.pem"), folder.resolve("client.key"))))
                .getSocketFactory()
                .createSocket();

        try (RawClient client = new RawClient(socket, httpServer.address(), 0)) {
            // When
            String answer = client.send(Requests.get("/hello")).readOnce();

            // Then
            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(socket.getSession().getLocalCertificates()).isNotEmpty();
        }
    }

    @Test
    void aNewCertificateCountsFromTheNextConnectionOnAndAnOpenOneGoesOn() throws IOException {
        try (RawClient open = subscribed(Requests.subscribeByBody(A), "\r\n\r\n")) {
            TestAuthority other = new TestAuthority("Another authority");
            other.issue("localhost").write(folder, "server");
            other.writeTo(folder.resolve("ca.pem"));

            reload();
            proxy.publish(A, 1);

            try (RawClient client = client()) {
                assertThat(client.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200");
            }
            assertThat(open.readOnce()).contains("data: ");
        }
    }

    @Test
    void changedFilesAreNoticedWithoutBeingTold() {
        HttpServer watching = proxy.httpServer(tls(Duration.ofMillis(20)), transport);

        authority.issue("localhost").write(folder, "server");

        await().until(() -> proxy.count("cvmfs_notify_tls_reloads", "outcome", "in_use") >= 1);
        watching.close();
    }

    @Test
    void aBrokenPairLeavesTheFormerOneInUse() throws IOException {
        Files.writeString(folder.resolve("server.key"), "no key");

        assertThatThrownBy(this::reload)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("server.key");

        try (RawClient client = client()) {
            assertThat(client.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void filesThatBreakAreReportedByTheWatchAndFixedOnesAreUsed() throws IOException {
        HttpServer watching = proxy.httpServer(tls(Duration.ofMillis(20)), transport);
        Files.writeString(folder.resolve("server.key"), "no key");
        await().until(() -> proxy.count("cvmfs_notify_tls_reloads", "outcome", "failed") >= 1);

        authority.issue("localhost").write(folder, "server");

        await().until(() -> proxy.count("cvmfs_notify_tls_reloads", "outcome", "in_use") >= 1);
        watching.close();
    }

    @Test
    void aCertificateThatCannotBeReadIsNamedAtTheStart() throws IOException {
        Files.writeString(folder.resolve("server.key"), "no key");

        assertThatThrownBy(() -> proxy.httpServer(tls(Duration.ofMinutes(1)), transport))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("server.key");
    }

    private void reload() {
        httpServer
                .prepare(TestProxy.config("localhost", 0, tls(Duration.ofMinutes(1)), proxy.limits))
                .run();
    }
}
