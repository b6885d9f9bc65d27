package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which request reaches what, and the answers that need no resource. */
@ExtendWith(LeakGuard.class)
class HttpRoutesTest {

    private static final String HELLO =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\ngr\u00c3\u00bcezi\n";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection connection = new TestConnection(proxy);

    @AfterEach
    void disconnect() {
        connection.disconnect();
    }

    @Test
    void anEndpointAnswersGet() {
        connection.send(Requests.get("/hello"));

        assertThat(connection.writes()).containsExactly(HELLO);
    }

    @Test
    void headIsGetWithoutTheBody() {
        connection.send(Requests.request("HEAD", "/hello", ""));

        assertThat(connection.received())
                .isEqualTo("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n");
    }

    @Test
    void anEndpointReadsHeadersAndSetsHeadersAndWhatHasNotChangedHasNoLength() {
        connection.send(Requests.get("/hello", "IF-None-Match: \"h\"\r\n"));

        assertThat(connection.received()).isEqualTo("HTTP/1.1 304 Not Modified\r\nETag: \"h\"\r\n\r\n");
    }

    @Test
    void anEndpointThatThrowsIs500AndTheConnectionLives() {
        connection.send(Requests.get("/broken"));

        assertThat(connection.received())
                .isEqualTo("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 44\r\n\r\n{\"reason\":\"internal_error\",\"status\":\"error\"}");
        assertThat(connection.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/v1", "/api/v1/publish/", "/api/v1//publish", "/API/v1/publish", "/hello2"})
    void anUnknownPathIs404(String path) {
        connection.send(Requests.get(path));

        assertThat(connection.received())
                .isEqualTo("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 39\r\n\r\n"
                        + "{\"reason\":\"not_found\",\"status\":\"error\"}");
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void aCxxPublisherWithAWrongUrlFails() {
        connection.send(Requests.publishByCvmfs("/api/v1/publish/notifications/publish", "{}"));

        assertThat(connection.writes())
                .hasSize(2)
                .last()
                .asString()
                .isEqualTo("27\r\n{\"reason\":\"not_found\",\"status\":\"error\"}\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/publish, 'POST, OPTIONS'",
        "/api/v1/subscribe, 'GET, HEAD, OPTIONS'",
        "/api/v1/notifications/subscribe, 'GET, HEAD, OPTIONS'",
        "/hello, 'GET, HEAD, OPTIONS'",
        "*, 'GET, HEAD, POST, OPTIONS'"
    })
    void optionsSaysWhatIsAllowed(String target, String allow) {
        connection.send(Requests.request("OPTIONS", target, ""));

        assertThat(connection.writes()).containsExactly("HTTP/1.1 204 No Content\r\nAllow: " + allow + "\r\n\r\n");
        assertThat(connection.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/subscribe", "/api/v1/notifications/subscribe", "/hello"})
    void postToWhatIsOnlyReadIs405(String path) {
        connection.send(Requests.request("POST", path, ""));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("\r\nAllow: GET, HEAD, OPTIONS\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://proxy.example.org:4930/hello",
                "HTTP://proxy.example.org/hello",
                "https://proxy.example.org/hello?x=/y",
                "/hello?",
                "/hello?a=b&a=%20&c"
            })
    void targetsInOtherFormsAreUnderstood(String target) {
        connection.send(Requests.get(target));

        assertThat(connection.received()).isEqualTo(HELLO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "ftp://proxy.example.org/hello", "proxy.example.org:4930", "/hel%6", "/hel%zzo"})
    void targetsInNoKnownFormAre400(String target) {
        connection.send(Requests.get(target));

        assertThat(connection.received()).startsWith("HTTP/1.1 400 Bad Request\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void anAbsoluteTargetWithoutAPathIsTheRoot() {
        connection.send(Requests.get("http://proxy.example.org"));

        assertThat(connection.received()).startsWith("HTTP/1.1 404 Not Found\r\n");
    }

    @Test
    void anotherMajorVersionIs505() {
        connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        assertThat(connection.received()).startsWith("HTTP/1.1 505 HTTP Version Not Supported\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"})
    void http11AsksForOneHost(String request) {
        connection.send(request);

        assertThat(connection.received()).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }
}
