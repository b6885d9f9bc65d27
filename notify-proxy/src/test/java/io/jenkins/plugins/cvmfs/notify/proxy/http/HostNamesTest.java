package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DNS rebinding, over real sockets of the loopback: the name of another site leads to this machine. */
@ExtendWith(LeakGuard.class)
class HostNamesTest {

    /** As a page's {@code fetch} of its own site sends it: without Origin, and over plain HTTP without Sec-Fetch headers. */
    private static final String BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en\r\n";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private HttpServer httpServer;

    private String get(HttpConfig http, String path, String host, String headers) throws IOException {
        return get(http, "", path, host, headers);
    }

    private String get(HttpConfig http, String proxyHeader, String path, String host, String headers)
            throws IOException {
        httpServer = proxy.httpServer(http, SocketTransport.best());
        httpServer.start();
        try (RawClient client = new RawClient(httpServer.address())) {
            return client.send(proxyHeader + "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n".formatted(path, host, headers))
                    .readOnce();
        }
    }

    private static HttpConfig http(List<AddressRange> trusted, List<String> origins, List<String> names) {
        return new HttpConfig(TestConfigs.http().tls(), trusted, false, origins, names);
    }

    @AfterEach
    void close() {
        if (httpServer != null) {
            httpServer.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                BROWSER,
                // A page can change these two, but not leave out the second
                "User-Agent: curl/8\r\nAccept-Language: \r\n",
                "Origin: http://evil.example.org\r\n",
                "Referer: http://evil.example.org/\r\n",
                "Sec-Fetch-Site: same-origin\r\n",
                "User-Agent: Mozilla/5.0\r\n"
            })
    void aPageWhoseNameLeadsHereReadsNothing(String headers) throws IOException {
        assertThat(get(TestConfigs.http(), "/hello", "evil.example.org", headers))
                .startsWith("HTTP/1.1 403 ")
                .contains("\"reason\":\"host_not_allowed\"", "http.host_names");
        assertThat(proxy.count("cvmfs_notify_hosts_refused")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/subscribe?repository=a.example.org", "/nothing", "/api/v1/publish"})
    void itIsRefusedOnEveryPath(String path) throws IOException {
        assertThat(get(TestConfigs.http(), path, "evil.example.org:4930", BROWSER))
                .startsWith("HTTP/1.1 403 ")
                .contains("host_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.1:4930",
                "[::1]:4930",
                "[::1]",
                "localhost",
                "LOCALHOST:4930",
                "localhost.",
                "proxy.localhost"
            })
    void addressesAndLocalhostAreNoNamesOfOthers(String host) throws IOException {
        assertThat(get(TestConfigs.http(), "/hello", host, BROWSER)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @CsvSource({
        "notify.example.org, true",
        "Notify.Example.Org.:4930, true",
        "a.inside.example.org, true",
        "inside.example.org, false",
        "ainside.example.org, false",
        "status.example.org:4930, true",
        "notify.example.org.evil.org, false",
        "127.0.0.1.evil.org, false",
        "localhost.evil.org, false",
    })
    void namesOfTheConfigurationAreKnown(String host, boolean known) throws IOException {
        HttpConfig http = http(
                List.of(),
                List.of("https://status.example.org"),
                List.of("notify.example.org", "*.inside.example.org"));

        assertThat(get(http, "/hello", host, BROWSER)).startsWith(known ? "HTTP/1.1 200 " : "HTTP/1.1 403 ");
    }

    @Test
    void aStarStandsForAny() throws IOException {
        assertThat(get(http(List.of(), List.of(), List.of("*")), "/hello", "any.example.org", BROWSER))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void theMachinesOwnNameIsKnown() throws IOException {
        String own = HostNames.ofThisMachine().stream().findFirst().orElse("localhost");

        assertThat(get(TestConfigs.http(), "/hello", own + ":4930", BROWSER)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aTrustedProxyDecidesForWhichNamesItServes() throws IOException {
        HttpConfig http =
                http(List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1")), List.of(), List.of());

        assertThat(get(http, "/hello", "status.example.org", BROWSER + "X-Forwarded-For: 192.0.2.7\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    /** Whichever client the balancer names. */
    @Test
    void aTrustedBalancerDecidesWithTheProxyProtocolToo() throws IOException {
        List<AddressRange> loopback = List.of(AddressRange.parse("127.0.0.0/8"), AddressRange.parse("::1"));
        HttpConfig http = new HttpConfig(TestConfigs.http().tls(), loopback, true, List.of(), List.of());

        assertThat(get(http, "PROXY TCP4 192.0.2.7 127.0.0.1 4711 4930\r\n", "/hello", "status.example.org", BROWSER))
                .startsWith("HTTP/1.1 200 ");
    }

    /** They are no browsers, and go by whatever alias their administrators have given the service. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "User-Agent: cvmfs/2.12.0\r\nAccept: */*\r\n", "User-Agent: curl/8.14.1\r\nAccept: */*\r\n"})
    void clientsThatAreNoBrowsersMayUseAnyName(String headers) throws IOException {
        assertThat(get(TestConfigs.http(), "/hello", "notify.example.org:4930", headers))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void theMachinesNamesAreThoseThatItHasWithoutANameServer(@TempDir Path folder) throws IOException {
        Path kernel = Files.writeString(folder.resolve("hostname"), "Mq1.example.org\n");
        Path resolver = Files.writeString(
                folder.resolve("resolv.conf"),
                "# search no\nnameserver 192.0.2.1\nsearch example.org Inside.example.net.\n");

        assertThat(HostNames.ofThisMachine(kernel, resolver))
                .containsExactlyInAnyOrder("mq1.example.org", "mq1", "mq1.local", "mq1.inside.example.net");
        assertThat(HostNames.ofThisMachine(folder.resolve("none"), resolver)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "::1, true",
        "10.1.2.3, true",
        "172.16.0.1, true",
        "192.168.1.1, true",
        "169.254.1.1, true",
        "100.64.0.1, true",
        "fd00::1, true",
        "fe80::1, true",
        "192.0.2.1, false",
        "100.128.0.1, false",
        "2001:db8::1, false",
    })
    void onlyAddressesOfTheInsideAreGuarded(String address, boolean inside) throws IOException {
        assertThat(HostNames.isPrivate(InetAddress.getByName(address))).isEqualTo(inside);
    }
}
