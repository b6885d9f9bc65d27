package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages in a browser may do; requests are to {@code proxy.example.org:4930}. */
@ExtendWith(LeakGuard.class)
class OriginPolicyTest {

    private static final String NAMED = "https://status.example.org";

    private final TestProxy proxy = new TestProxy(TestLimits.small());

    private String answer(List<String> allowed, String request) {
        HttpConfig plain = TestConfigs.http();
        TestConnection connection =
                new TestConnection(proxy, new HttpConfig(plain.tls(), List.of(), false, allowed, List.of()));
        String answer = connection.send(request).received();
        connection.disconnect();
        return answer;
    }

    private static String origin(String value) {
        return "Origin: " + value + "\r\n";
    }

    @Test
    void aRequestOfNoPageIsServed() {
        assertThat(answer(List.of(), Requests.get("/hello")))
                .startsWith("HTTP/1.1 200 ")
                .doesNotContain("Vary", "Access-Control");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://proxy.example.org:4930", "https://proxy.example.org:4930"})
    void aPageOfTheProxyItselfMayRead(String own) {
        assertThat(answer(List.of(), Requests.get("/hello", origin(own)))).startsWith("HTTP/1.1 200 ");
        assertThat(answer(List.of(), Requests.upgrade("/api/v1/subscribe", origin(own))))
                .startsWith("HTTP/1.1 101 ");
    }

    @ParameterizedTest
    @CsvSource({
        "proxy.example.org, https://proxy.example.org",
        "proxy.example.org:443, https://proxy.example.org",
        "PROXY.example.org:80, http://proxy.example.org",
    })
    void theUsualPortNeedNotBeNamed(String host, String origin) {
        String request = "GET /hello HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n\r\n".formatted(host, origin);

        assertThat(answer(List.of(), request)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example.org",
                "http://proxy.example.org",
                "http://proxy.example.org:49300",
                "http://proxy.example.org:4930.evil.org",
                "null",
                ""
            })
    void aPageOfAnotherSiteCanNeitherReadNorOpenAWebSocketNorPublish(String other) {
        String refused = "{\"reason\":\"origin_not_allowed\",\"status\":\"error\"}";

        assertThat(answer(List.of(NAMED), Requests.get("/hello", origin(other))))
                .startsWith("HTTP/1.1 403 ")
                .endsWith(refused);
        assertThat(answer(List.of(), Requests.get("/api/v1/subscribe?repository=a.example.org", origin(other))))
                .startsWith("HTTP/1.1 403 ");
        assertThat(answer(List.of(), Requests.upgrade("/api/v1/subscribe", origin(other))))
                .startsWith("HTTP/1.1 403 ");
        assertThat(answer(List.of(), publish(other))).startsWith("HTTP/1.1 403 ");
        assertThat(proxy.log.calls).isEmpty();
        assertThat(proxy.count("cvmfs_notify_origins_refused")).isEqualTo(4);
    }

    private static String publish(String origin) {
        return Requests.request("POST", "/api/v1/publish", Requests.message("a.example.org", 1), origin(origin));
    }

    @Test
    void aPageWhoseNameLeadsToTheProxyCannotPublish() {
        assertThat(answer(List.of(), publish("http://proxy.example.org:4930"))).startsWith("HTTP/1.1 403 ");
        assertThat(answer(List.of(NAMED), publish(NAMED))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void twoOriginsAreNone() {
        assertThat(answer(List.of(NAMED), Requests.get("/hello", origin(NAMED), origin("https://evil.example.org"))))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    void aNamedPageMayReadAnswersErrorsAndEventStreams() {
        String permission = "\r\nVary: Origin\r\nAccess-Control-Allow-Origin: " + NAMED + "\r\n";

        assertThat(answer(List.of(NAMED), Requests.get("/hello", origin(NAMED))))
                .startsWith("HTTP/1.1 200 ")
                .contains(permission);
        assertThat(answer(List.of(NAMED), Requests.get("/nothing", origin(NAMED))))
                .startsWith("HTTP/1.1 404 ")
                .contains(permission);
        assertThat(answer(List.of(NAMED), Requests.get("/api/v1/subscribe?repository=a.example.org", origin(NAMED))))
                .startsWith("HTTP/1.1 200 ")
                .contains(permission);
        assertThat(answer(List.of("*"), Requests.get("/hello", origin("https://any.example.org"))))
                .contains("\r\nAccess-Control-Allow-Origin: https://any.example.org\r\n");
    }

    @Test
    void cachesAreToldThatTheOriginMattersWhereItDoes() {
        assertThat(answer(List.of(NAMED), Requests.get("/hello")))
                .contains("\r\nVary: Origin\r\n")
                .doesNotContain("Access-Control");
    }

    @Test
    void aBrowserThatAsksBeforehandIsToldWhatItMay() {
        String preflight = Requests.request(
                "OPTIONS",
                "/api/v1/publish",
                "",
                origin(NAMED),
                "Access-Control-Request-Method: POST\r\n",
                "Access-Control-Request-Headers: authorization\r\n");

        assertThat(answer(List.of(NAMED), preflight))
                .startsWith("HTTP/1.1 204 ")
                .contains(
                        "\r\nAccess-Control-Allow-Methods: POST, OPTIONS\r\n",
                        "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, Last-Event-ID\r\n",
                        "\r\nAccess-Control-Allow-Origin: " + NAMED + "\r\n");
        assertThat(answer(List.of(), preflight)).startsWith("HTTP/1.1 403 ");
    }
}
