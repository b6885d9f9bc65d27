package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig.FairShareConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a connection must keep to before its first request, with and without TLS. */
@ExtendWith(LeakGuard.class)
class ConnectionLimitsTest {

    private static final String REFUSED = "{\"reason\":\"too_many_connections_from_address\",\"status\":\"error\"}\n";

    private TestProxy proxy = new TestProxy(TestLimits.with(new FairShareConfig(2, 0, 0, 1 << 20, 1 << 20)));
    private HttpServer httpServer;

    private void start(HttpConfig http) throws IOException {
        httpServer = proxy.httpServer(http, SocketTransport.best());
        httpServer.start();
    }

    @AfterEach
    void close() {
        if (httpServer != null) {
            httpServer.close();
        }
    }

    @Test
    void oneConnectionTooManyIsRefusedAndWhoGoesMakesRoom() throws IOException {
        start(TestConfigs.http());
        try (RawClient first = served(new Socket())) {
            RawClient second = served(new Socket());
            try (RawClient third = new RawClient(httpServer.address())) {
                // Its request on the way does not cost it the answer
                third.send(Requests.get("/hello"));
                assertThat(third.readToEnd()).startsWith("HTTP/1.1 503 ").contains(REFUSED);
            }
            assertThat(first.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200");
            second.close();

            await().ignoreExceptions().untilAsserted(() -> served(new Socket()).close());
        }
        assertThat(proxy.count("cvmfs_notify_connections_refused", "reason", "too_many_connections_from_address"))
                .isGreaterThanOrEqualTo(1);
    }

    @Test
    void theRefusalCanBeReadOverTlsToo(@TempDir Path folder) throws IOException {
        Path ca = startWithTls(folder);
        try (RawClient first = new RawClient(tlsSocket(ca), httpServer.address(), 0);
                RawClient second = new RawClient(tlsSocket(ca), httpServer.address(), 0);
                RawClient third = new RawClient(tlsSocket(ca), httpServer.address(), 0)) {
            requireServed(first);
            requireServed(second);
            assertThat(third.send(Requests.get("/hello")).readToEnd())
                    .startsWith("HTTP/1.1 503 ")
                    .contains(REFUSED);
        }
    }

    @Test
    void aTlsHandshakeThatDoesNotComeInTimeEndsTheConnectionAndOthersAreServed(@TempDir Path folder)
            throws IOException {
        proxy = new TestProxy(TestLimits.withHandshakeTimeout(Duration.ofSeconds(3)));
        Path ca = startWithTls(folder);
        try (RawClient silent = new RawClient(httpServer.address());
                RawClient handshaking = new RawClient(httpServer.address())) {
            handshaking.send(new byte[] {22, 3, 1, 2, 0, 1});
            try (RawClient good = new RawClient(tlsSocket(ca), httpServer.address(), 0)) {
                requireServed(good);

                assertThat(silent.readToEnd()).isEmpty();
                assertThat(handshaking.readToEnd()).isEmpty();
                requireServed(good);
            }
        }
        await().untilAsserted(() ->
                assertThat(proxy.count("cvmfs_notify_tls_handshakes_failed")).isEqualTo(2));
    }

    /** Returns the file of the authority to trust. */
    private Path startWithTls(Path folder) throws IOException {
        TestAuthority authority = new TestAuthority("Test authority");
        authority.issue("localhost").write(folder, "server");
        start(TestConfigs.http(new TlsConfig(
                Optional.of(new KeyPairFiles(folder.resolve("server.pem"), folder.resolve("server.key"))),
                Optional.empty(),
                Duration.ofMinutes(1),
                TlsEngine.AUTO)));
        return authority.writeTo(folder.resolve("ca.pem"));
    }

    private static Socket tlsSocket(Path ca) throws IOException {
        return TlsIdentity.clientContext(Optional.of(ca), Optional.empty())
                .getSocketFactory()
                .createSocket();
    }

    private RawClient served(Socket socket) throws IOException {
        RawClient client = new RawClient(socket, httpServer.address(), 0);
        requireServed(client);
        return client;
    }

    private static void requireServed(RawClient client) throws IOException {
        assertThat(client.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource({
        "100000, 1048576, 100000",
        "100000, 100512, 100000",
        "100000, 100511, 99999",
        "100000, 1024, 512",
        "100000, 600, 300",
        "3, 64, 3",
    })
    void thereAreNoMoreConnectionsThanFileDescriptorsForThem(int configured, long allowed, int connections) {
        assertThat(ConnectionLimits.allowedByDescriptors(configured, allowed)).isEqualTo(connections);
    }
}
