package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
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
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets from the loopback; one connection is allowed for each address. */
@ExtendWith(LeakGuard.class)
class ProxyProtocolTest {

    private static final String VERSION_1 = "PROXY TCP4 192.0.2.%d 127.0.0.1 4711 4930\r\n";
    private static final List<AddressRange> LOOPBACK =
            List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));

    private TestProxy proxy = new TestProxy(TestLimits.with(new FairShareConfig(1, 0, 0, 1 << 20, 1 << 20)));
    private HttpServer httpServer;

    private void start(List<AddressRange> trusted, TlsConfig tls) throws IOException {
        httpServer = proxy.httpServer(new HttpConfig(tls, trusted, true, List.of(), List.of()), SocketTransport.best());
        httpServer.start();
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    /** Version 2, TCP over IPv4, from 192.0.2.HOST. */
    private static String version2(int host) {
        byte[] header = {
            0x0D,
            0x0A,
            0x0D,
            0x0A,
            0x00,
            0x0D,
            0x0A,
            0x51,
            0x55,
            0x49,
            0x54,
            0x0A,
            0x21,
            0x11,
            0,
            12,
            (byte) 192,
            0,
            2,
            (byte) host,
            127,
            0,
            0,
            1,
            0x12,
            0x34,
            0x13,
            0x42
        };
        return new String(header, ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theClientThatTheHeaderNamesIsTheOneThatCounts(int version) throws IOException {
        start(LOOPBACK, TestConfigs.http().tls());
        String seven = version == 1 ? VERSION_1.formatted(7) : version2(7);
        String eight = version == 1 ? VERSION_1.formatted(8) : version2(8);
        try (RawClient first = new RawClient(httpServer.address());
                RawClient same = new RawClient(httpServer.address());
                RawClient other = new RawClient(httpServer.address())) {
            assertThat(first.send(seven + Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200 ");

            assertThat(same.send(seven + Requests.get("/hello")).readToEnd())
                    .contains("too_many_connections_from_address");
            assertThat(other.send(eight + Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aTrustedProxyWithoutAHeaderIsNotServed() throws IOException {
        start(LOOPBACK, TestConfigs.http().tls());
        try (RawClient client = new RawClient(httpServer.address())) {
            client.send(Requests.get("/hello"));

            assertThat(endOf(client)).doesNotContain("200 OK");
        }
    }

    @Test
    void aHeaderThatDoesNotComeInTimeEndsTheConnectionAndOthersAreServed() throws IOException {
        proxy = new TestProxy(TestLimits.withHandshakeTimeout(Duration.ofSeconds(2)));
        start(LOOPBACK, TestConfigs.http().tls());
        try (RawClient slow = new RawClient(httpServer.address());
                RawClient good = new RawClient(httpServer.address())) {
            slow.send("PROXY TCP4 ");
            assertThat(good.send(VERSION_1.formatted(7) + Requests.get("/hello"))
                            .readOnce())
                    .startsWith("HTTP/1.1 200 ");

            assertThat(endOf(slow)).doesNotContain("HTTP");
            assertThat(good.send(Requests.get("/hello")).readOnce()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(proxy.count("cvmfs_notify_connections_timed_out")).isEqualTo(1);
    }

    @Test
    void theHeaderOfAnyoneElseIsNoRequest() throws IOException {
        start(List.of(AddressRange.parse("192.0.2.1")), TestConfigs.http().tls());
        try (RawClient client = new RawClient(httpServer.address())) {
            client.send(VERSION_1.formatted(7) + Requests.get("/hello"));

            assertThat(endOf(client)).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void theHeaderComesBeforeTls(@TempDir Path folder) throws IOException {
        TestAuthority authority = new TestAuthority("Test authority");
        authority.issue("localhost").write(folder, "server");
        Path ca = authority.writeTo(folder.resolve("ca.pem"));
        start(
                LOOPBACK,
                new TlsConfig(
                        Optional.of(new KeyPairFiles(folder.resolve("server.pem"), folder.resolve("server.key"))),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        TlsEngine.AUTO));
        SSLSocketFactory sockets =
                TlsIdentity.clientContext(Optional.of(ca), Optional.empty()).getSocketFactory();
        try (Socket plain = new Socket(
                httpServer.address().getAddress(), httpServer.address().getPort())) {
            plain.getOutputStream().write(version2(7).getBytes(ISO_8859_1));
            try (Socket tls = sockets.createSocket(plain, "localhost", plain.getPort(), true)) {
                tls.getOutputStream().write(Requests.get("/hello").getBytes(ISO_8859_1));

                assertThat(new String(tls.getInputStream().readNBytes(15), ISO_8859_1))
                        .isEqualTo("HTTP/1.1 200 OK");
            }
        }
    }

    /** What came before the end, clean or not. */
    private static String endOf(RawClient client) {
        StringBuilder all = new StringBuilder();
        try {
            for (String part = client.readOnce(); !part.isEmpty(); part = client.readOnce()) {
                all.append(part);
            }
        } catch (IOException reset) {
            all.append(" reset");
        }
        return all.toString();
    }
}
