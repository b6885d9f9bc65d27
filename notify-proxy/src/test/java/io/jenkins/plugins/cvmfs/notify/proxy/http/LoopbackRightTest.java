package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With {@code access.anonymous_publish=loopback}, over real sockets from the loopback: who counts as a program on this machine. */
@ExtendWith(LeakGuard.class)
class LoopbackRightTest {

    private static final List<AddressRange> LOOPBACK =
            List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));
    private static final String VERSION_2 = "0D0A0D0A000D0A515549540A";

    private final TestProxy proxy = new TestProxy(TestLimits.small(), TestConfigs.access(AnonymousPublish.LOOPBACK));
    private HttpServer httpServer;

    private String publish(List<AddressRange> trusted, boolean proxyProtocol, String before, String... headers)
            throws IOException {
        HttpConfig http = new HttpConfig(TestConfigs.http().tls(), trusted, proxyProtocol, List.of(), List.of());
        httpServer = proxy.httpServer(http, SocketTransport.best());
        httpServer.start();
        try (RawClient client = new RawClient(httpServer.address())) {
            String request = Requests.request("POST", "/api/v1/publish", Requests.message("a.example.org", 1), headers);
            return client.send(before + request).readOnce();
        }
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    @Test
    void aConnectionFromTheLoopbackCounts() throws IOException {
        assertThat(publish(List.of(), false, "")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "192.0.2.7, 127.0.0.1"})
    void anAddressThatATrustedProxyTellsDoesNotCount(String client) throws IOException {
        List<AddressRange> trusted = List.of(AddressRange.parse("127.0.0.1"));
        // Given a client that the proxy passes on: its last entry is the proxy's own
        String forwarded = "X-Forwarded-For: " + client + ", 127.0.0.1\r\n";

        assertThat(publish(trusted, false, "", forwarded)).startsWith("HTTP/1.1 401 ");
    }

    /** A proxy that adds no header at all, such as a bare {@code proxy_pass}. */
    @Test
    void aTrustedProxyThatTellsNothingDoesNotCount() throws IOException {
        assertThat(publish(LOOPBACK, false, "")).startsWith("HTTP/1.1 401 ");
    }

    static Stream<Arguments> proxyHeaders() {
        String unixAddresses =
                HexFormat.of().formatHex("/run/x".getBytes(US_ASCII)) + "00".repeat(102) + "00".repeat(108);
        return Stream.of(
                Arguments.of("version 1, told the loopback", "PROXY TCP4 127.0.0.1 127.0.0.1 4711 4930\r\n"),
                Arguments.of("version 1, UNKNOWN", "PROXY UNKNOWN\r\n"),
                Arguments.of("version 2, told the loopback", bytes(VERSION_2 + "2111000C7F0000017F00000112341342")),
                Arguments.of("version 2, LOCAL", bytes(VERSION_2 + "20000000")),
                Arguments.of("version 2, of no family", bytes(VERSION_2 + "21000000")),
                Arguments.of("version 2, AF_UNIX", bytes(VERSION_2 + "213100D8" + unixAddresses)));
    }

    private static String bytes(String hex) {
        return new String(HexFormat.of().parseHex(hex), ISO_8859_1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("proxyHeaders")
    void whatThePROXYProtocolTellsOrDoesNotTellDoesNotCount(String name, String header) throws IOException {
        assertThat(publish(LOOPBACK, true, header)).as(name).startsWith("HTTP/1.1 401 ");
    }

    /** The header is then the client's own, whom nobody knows. */
    @Test
    void anUnknownClientOfATrustedProxyCannotNameItself() throws IOException {
        assertThat(publish(LOOPBACK, true, "PROXY UNKNOWN\r\n", "X-Forwarded-For: 127.0.0.1\r\n"))
                .startsWith("HTTP/1.1 401 ");
    }
}
