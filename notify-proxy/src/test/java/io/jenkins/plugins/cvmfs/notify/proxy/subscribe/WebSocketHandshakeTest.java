package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden bytes of the opening handshake; key and accept are those of RFC 6455, section 1.3. */
@ExtendWith(LeakGuard.class)
class WebSocketHandshakeTest {

    private static final String SWITCHED = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            """;
    private static final String UPGRADE_REQUIRED = """
            HTTP/1.1 426 Upgrade Required\r
            Content-Type: application/json\r
            Content-Length: 46\r
            connection: upgrade\r
            upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            \r
            {"reason":"upgrade_required","status":"error"}""";

    private final TestConnection connection = new TestConnection(new TestProxy(TestLimits.small()));

    @AfterEach
    void disconnect() {
        connection.disconnect();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/subscribe", "/api/v1/notifications/subscribe"})
    void bothPathsUpgrade(String path) {
        connection.send(Requests.upgrade(path));

        assertThat(connection.writes()).containsExactly(SWITCHED + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Protocol: json\r\n",
                "Sec-WebSocket-Protocol: mqtt, json\r\n",
                "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: json\r\n"
            })
    void theSubprotocolIsNamedOnlyIfItWasOffered(String offer) {
        connection.send(Requests.upgrade("/api/v1/subscribe", offer));

        assertThat(connection.received()).isEqualTo(SWITCHED + "Sec-WebSocket-Protocol: json\r\n\r\n");
    }

    @Test
    void otherSubprotocolsAloneAre400AsInTheOriginal() {
        connection.send(Requests.upgrade("/api/v1/subscribe", "Sec-WebSocket-Protocol: mqtt, xml\r\n"));

        assertThat(connection.received()).isEqualTo("""
                HTTP/1.1 400 Bad Request\r
                Content-Type: application/json\r
                Content-Length: 49\r
                \r
                {"reason":"unknown_subprotocol","status":"error"}""");
    }

    @Test
    void upgradeTokensMayStandAmongOthers() {
        connection.send(Requests.get(
                "/api/v1/subscribe",
                "Upgrade: h2c, WebSocket\r\n",
                "Connection: keep-alive, upgrade\r\n",
                Requests.KEY,
                "Sec-WebSocket-Version: 13\r\n"));

        assertThat(connection.received()).startsWith("HTTP/1.1 101 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/subscribe", "/api/v1/notifications/subscribe", "/api/v1/subscribe?after=7"})
    void withoutUpgradeHeadersItIs426(String target) {
        connection.send(Requests.get(target));

        assertThat(connection.writes()).containsExactly(UPGRADE_REQUIRED);
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void anotherVersionOfWebSocketIs426() {
        connection.send(Requests.get(
                "/api/v1/subscribe",
                "Upgrade: websocket\r\n",
                "Connection: Upgrade\r\n",
                Requests.KEY,
                "Sec-WebSocket-Version: 8\r\n"));

        assertThat(connection.received()).isEqualTo(UPGRADE_REQUIRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!\r\n"})
    void aBadKeyIs400(String key) {
        connection.send(Requests.get(
                "/api/v1/subscribe",
                "Upgrade: websocket\r\n",
                "Connection: Upgrade\r\n",
                "Sec-WebSocket-Version: 13\r\n",
                key));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .endsWith("{\"reason\":\"invalid_websocket_key\",\"status\":\"error\"}");
    }

    @Test
    void http10HasNoUpgrade() {
        connection.send("GET /api/v1/subscribe HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + Requests.KEY
                + "Sec-WebSocket-Version: 13\r\n\r\n");

        assertThat(connection.received()).startsWith("HTTP/1.1 426 Upgrade Required\r\n");
    }

    @Test
    void headIs426WithoutABody() {
        connection.send(Requests.request("HEAD", "/api/v1/subscribe", ""));

        assertThat(connection.received()).startsWith("HTTP/1.1 426 ").endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"after=-1", "after=x", "after=", "after=18446744073709551616", "repository=_bad"})
    void aBadQueryIs400(String query) {
        connection.send(Requests.upgrade("/api/v1/subscribe?" + query));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("X-Cvmfs-Notify-Detail: ")
                .endsWith("{\"reason\":\"invalid_subscription\",\"status\":\"error\"}");
    }

    @Test
    void onlyWhatNamesNeitherItselfNorASubprotocolIsTakenForACvmfsClient() {
        assertThat(isOfCvmfs("/api/v1/subscribe", "Origin", "http://proxy.example.org:4930"))
                .as("as CVMFS 2.6.0 connects")
                .isTrue();
        assertThat(isOfCvmfs("/api/v1/subscribe", "User-Agent", "cvmfs-notify-client"))
                .isFalse();
        assertThat(isOfCvmfs("/api/v1/subscribe", "Sec-WebSocket-Protocol", "json"))
                .isFalse();
        assertThat(isOfCvmfs("/api/v1/subscribe?repository=a.example.org")).isFalse();
        assertThat(isOfCvmfs("/api/v1/subscribe?after=7")).isFalse();
    }

    private static boolean isOfCvmfs(String target, String... headers) {
        return WebSocketHandshake.isOfCvmfs(TestRequest.get(target, headers));
    }
}
