package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RightsRouteTest {

    private static final TokenHash.Minted TOKEN = TokenHash.mint();
    private static final String BEARER = "Bearer " + TOKEN.token().value();

    private static final String CLOSED = "\"anonymous_publish\": \"nobody\", \"anonymous_subscribe\": \"nobody\",";

    @TempDir
    Path folder;

    @Test
    void aTokenIsToldWhatItMayDo() throws IOException {
        Response response = get("", "?repository=sw.example.org&repository=other.example.net", "Authorization", BEARER);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo("{\"credentials\":\"valid\",\"identity\":\"token jenkins\",\"publish\":[\"*.example.org\"],"
                        + "\"subscribe\":[\"sw.*\",\"data.*\"],\"refresh\":[],"
                        + "\"repositories\":["
                        + "{\"repository\":\"sw.example.org\",\"publish\":\"yes\",\"subscribe\":\"yes\"},"
                        + "{\"repository\":\"other.example.net\",\"publish\":\"no\",\"subscribe\":\"no\"}]}");
    }

    @Test
    void withoutCredentialsItTellsWhatEveryoneMayDo() throws IOException {
        assertThat(get("", "?repository=sw.example.org").body())
                .isEqualTo("{\"credentials\":\"none\",\"publish\":[],\"subscribe\":[],\"refresh\":[],\"repositories\":["
                        + "{\"repository\":\"sw.example.org\",\"publish\":\"no\",\"subscribe\":\"no\"}]}");
        assertThat(get("\"anonymous_publish\": \"everyone\", \"anonymous_subscribe\": \"everyone\",", "")
                        .body())
                .isEqualTo(
                        "{\"credentials\":\"none\",\"publish\":[\"*\"],\"subscribe\":[\"*\"],\"refresh\":[],\"repositories\":[]}");
        assertThat(get("\"anonymous_publish\": \"verified\",", "?repository=sw.example.org")
                        .body())
                .contains("\"publish\":\"verified\"");
    }

    @Test
    void theNetworkOfTheCallerCounts() throws IOException {
        assertThat(get(CLOSED + "\"networks\": [{\"addresses\": [\"127.0.0.0/8\"], \"publish\": \"near.*\"}],", "")
                        .body())
                .contains("\"publish\":[\"near.*\"]");
    }

    @Test
    void wrongCredentialsAreRefused() throws IOException {
        Response response = get("", "?repository=sw.example.org", "Authorization", "Bearer hunter2");

        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).isEqualTo("{\"reason\":\"invalid_credentials\",\"status\":\"error\"}");
    }

    @Test
    void aRelayLeavesCredentialsThatItDoesNotKnowToItsUpstream() throws IOException {
        RightsRoute relay =
                route("\"upstream\": {\"url\": \"http://127.0.0.1:1/api/v1\", \"publish\": \"as-caller\"},", CLOSED);

        Response response = TestRequest.answer(
                relay, TestRequest.get("/api/v1/rights?repository=sw.example.org", "Authorization", "Bearer hunter2"));

        assertThat(response.body()).contains("\"credentials\":\"unknown\"", "\"publish\":\"upstream\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?repository=", "?repository=no%20name!"})
    void aMalformedNameIsRefused(String query) throws IOException {
        assertThat(get("", query).status()).isEqualTo(400);
    }

    @Test
    void tooManyNamesAreRefused() throws IOException {
        String names = IntStream.rangeClosed(0, 100)
                .mapToObj(i -> "repository=r%d.example.org".formatted(i))
                .collect(Collectors.joining("&", "?", ""));

        assertThat(get("", names).status()).isEqualTo(400);
    }

    @Test
    void anAddressThatGuessesTokensIsSlowedDown() throws IOException {
        RightsRoute route = route("", CLOSED, new RateLimiter<>(10, () -> 0));
        for (int guess = 0; guess < 100; guess++) {
            assertThat(TestRequest.answer(
                                    route, TestRequest.get("/api/v1/rights", "Authorization", "Bearer hunter" + guess))
                            .status())
                    .isEqualTo(401);
        }

        Response response = TestRequest.answer(route, TestRequest.get("/api/v1/rights", "Authorization", BEARER));

        assertThat(response.status()).isEqualTo(429);
        assertThat(response.body()).isEqualTo("{\"reason\":\"too_many_requests\",\"status\":\"error\"}");
        assertThat(response.headerLines()).contains("Retry-After: 1\r\n");
    }

    private Response get(String access, String query, String... headers) throws IOException {
        return TestRequest.answer(
                route("", access.isEmpty() ? CLOSED : access), TestRequest.get("/api/v1/rights" + query, headers));
    }

    private RightsRoute route(String more, String access) throws IOException {
        return route(more, access, new RateLimiter<>(0));
    }

    private RightsRoute route(String more, String access, RateLimiter<InetAddress> perNetwork) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), """
            {%s "access": {%s
            "tokens": [{"name": "jenkins", "hash": "%s", "publish": "*.example.org", "subscribe": ["sw.*", "data.*"]}]}}
            """.formatted(more, access, TOKEN.hash()));
        ProxyConfig config = ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
        AccessRules rules = AccessRules.read(
                config, new IdentityTokens(config.access(), Clock.systemUTC(), new SimpleMeterRegistry()));
        return new RightsRoute(() -> rules, perNetwork);
    }
}
