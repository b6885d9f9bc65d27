package io.jenkins.plugins.cvmfs.notify.proxy.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.proxy.access.TestIssuer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/api/openapi.json against a running server: each route, status and body of the one is had from the other. */
class OpenApiTest {

    private static final ApiDocument API = ApiDocument.read("openapi.json");
    private static final String KNOWN = "known.example.org";
    private static final List<InputStream> OPEN = new ArrayList<>();
    private static final Set<String> EXERCISED = new TreeSet<>();

    private static final TokenHash.Minted TOKEN = TokenHash.mint();
    private static final String BEARER = "Bearer " + TOKEN.token().value();

    private static DescribedProxy proxy;
    private static DescribedProxy guarded;
    private static DescribedProxy hurried;
    private static DescribedProxy withoutBroker;
    private static DescribedProxy ofItself;

    @BeforeAll
    static void start() throws IOException {
        proxy = DescribedProxy.standalone();
        guarded = DescribedProxy.guarded(TOKEN.hash());
        hurried = DescribedProxy.hurried();
        withoutBroker = DescribedProxy.withoutBroker(TOKEN.hash());
        ofItself = DescribedProxy.relayOfItself();
    }

    @AfterAll
    static void stop() throws IOException {
        for (InputStream stream : OPEN) {
            stream.close();
        }
        proxy.close();
        guarded.close();
        hurried.close();
        withoutBroker.close();
        ofItself.close();
    }

    @Test
    void everyAnswerIsDescribedAndEveryDescribedAnswerIsGiven() throws IOException, InterruptedException {
        for (String publish : List.of("/api/v1/publish", "/api/v1/notifications/publish")) {
            publishing(publish);
            checkTooOften(publish, hurried, "POST", publish, message(KNOWN));
        }
        for (String subscribe : List.of("/api/v1/subscribe", "/api/v1/notifications/subscribe")) {
            subscribing(subscribe);
        }
        looking();
        forgetting();
        refreshing();

        assertThat(EXERCISED).isEqualTo(described());
    }

    private static void publishing(String path) throws IOException, InterruptedException {
        check(200, path, proxy, "POST", path, message(KNOWN));
        check(400, path, proxy, "POST", path, "{}");
        check(401, path, guarded, "POST", path, message(KNOWN));
        check(403, path, guarded, "POST", path, message(KNOWN), "Authorization", BEARER);
        check(403, path, proxy, "POST", path, message(KNOWN), "Origin", "https://elsewhere.example.org");
        check(413, path, proxy, "POST", path, " ".repeat(1025));
        check(503, path, withoutBroker, "POST", path, message(KNOWN));
        check(508, path, ofItself, "POST", path, message(KNOWN));
    }

    private static void subscribing(String path) throws IOException, InterruptedException {
        check(200, path, proxy, "GET", path + "?repository=" + KNOWN + "&after=0", "");
        check(200, path, proxy, "GET", path, "{\"version\":1,\"repository\":\"%s\"}".formatted(KNOWN));
        check(400, path, proxy, "GET", path + "?repository=-", "");
        check(400, path, proxy, "GET", path, "{}");
        check(400, path, proxy, "GET", path + "?repository=a&repository=b&repository=c", "");
        check(401, path, guarded, "GET", path + "?repository=" + KNOWN, "");
        check(403, path, guarded, "GET", path + "?repository=" + KNOWN, "", "Authorization", BEARER);
        check(426, path, proxy, "GET", path, "");
        check(200, path, proxy, "GET", path + "?repository=second&repository=third", "");
        // The head of the answer goes out just before the subscriptions are made.
        await().until(() -> status().contains("\"second\"") && status().contains("\"third\""));
        check(503, path, proxy, "GET", path + "?repository=fourth", "");
        proxy.http()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://" + proxy.address() + path), new WebSocket.Listener() {})
                .join()
                .abort();
        EXERCISED.add("get " + path + " 101");
    }

    private static String status() throws IOException, InterruptedException {
        return new String(proxy.send("GET", "/api/v1/status", "").body().readAllBytes(), UTF_8);
    }

    private static String replicas() throws IOException, InterruptedException {
        String path = "/api/v1/repositories/" + KNOWN + "/replicas";
        return new String(proxy.send("GET", path, "").body().readAllBytes(), UTF_8);
    }

    private static void looking() throws IOException, InterruptedException {
        check(200, "/api/v1/repositories", proxy, "GET", "/api/v1/repositories", "");
        check(200, "/api/v1/repositories/{name}", proxy, "GET", "/api/v1/repositories/" + KNOWN, "");
        check(404, "/api/v1/repositories/{name}", proxy, "GET", "/api/v1/repositories/unknown", "");
        String replicas = "/api/v1/repositories/{name}/replicas";
        await().until(() -> replicas().contains("\"state\":\"unreadable\""));
        check(200, replicas, proxy, "GET", replicas.replace("{name}", KNOWN), "");
        check(404, replicas, proxy, "GET", replicas.replace("{name}", "unknown"), "");
        check(401, replicas, guarded, "GET", replicas.replace("{name}", KNOWN), "");
        check(200, "/api/v1/status", proxy, "GET", "/api/v1/status", "");
        check(401, "/api/v1/status", guarded, "GET", "/api/v1/status", "");
        check(200, "/api/v1/held", proxy, "GET", "/api/v1/held?repository=" + KNOWN, "");
        check(401, "/api/v1/held", guarded, "GET", "/api/v1/held", "");
        check(200, "/api/v1/activity", proxy, "GET", "/api/v1/activity?range=24h&repository=" + KNOWN, "");
        check(400, "/api/v1/activity", proxy, "GET", "/api/v1/activity?range=1y", "");
        check(401, "/api/v1/activity", guarded, "GET", "/api/v1/activity", "");
        check(404, "/api/v1/activity", proxy, "GET", "/api/v1/activity?repository=unknown", "");
        check(200, "/api/v1/peers", proxy, "GET", "/api/v1/peers", "");
        check(401, "/api/v1/peers", guarded, "GET", "/api/v1/peers", "");
        String hook = "Bearer " + DescribedProxy.HOOK.token().value();
        check(200, "/api/v1/refusals", guarded, "GET", "/api/v1/refusals", "", "Authorization", BEARER);
        check(401, "/api/v1/refusals", guarded, "GET", "/api/v1/refusals", "");
        check(403, "/api/v1/refusals", guarded, "GET", "/api/v1/refusals", "", "Authorization", hook);
        String badge = "/badge/{name}.svg";
        check(200, badge, proxy, "GET", badge.replace("{name}", KNOWN), "");
        check(304, badge, proxy, "GET", badge.replace("{name}", KNOWN), "", "If-None-Match", "*");
        check(401, badge, guarded, "GET", badge.replace("{name}", KNOWN), "");
        check(200, "/api/v1/webhooks", proxy, "GET", "/api/v1/webhooks", "");
        check(401, "/api/v1/webhooks", guarded, "GET", "/api/v1/webhooks", "");
        check(
                200,
                "/api/v1/rights",
                guarded,
                "GET",
                "/api/v1/rights?repository=a&repository=" + KNOWN,
                "",
                "Authorization",
                BEARER);
        check(400, "/api/v1/rights", guarded, "GET", "/api/v1/rights?repository=-", "");
        check(401, "/api/v1/rights", guarded, "GET", "/api/v1/rights", "", "Authorization", "Bearer hunter2");
        check(
                503,
                "/api/v1/rights",
                guarded,
                "GET",
                "/api/v1/rights",
                "",
                "Authorization",
                "Bearer " + identityToken());
        checkTooOften("/api/v1/rights", guarded, "GET", "/api/v1/rights", "");
        check(200, "/healthz", proxy, "GET", "/healthz", "");
        check(200, "/readyz", proxy, "GET", "/readyz", "");
        check(503, "/readyz", withoutBroker, "GET", "/readyz", "");
        check(200, "/api/v1/readyz", ofItself, "GET", "/api/v1/readyz", "");
        check(503, "/api/v1/readyz", withoutBroker, "GET", "/api/v1/readyz", "");
        check(200, "/metrics", proxy, "GET", "/metrics", "");
        check(200, "/", proxy, "GET", "/", "");
        check(304, "/", proxy, "GET", "/", "", "If-None-Match", "*");
        for (String file : List.of("main.js", "page.css", "icon.svg")) {
            check(200, "/page/{file}", proxy, "GET", "/page/" + file, "");
        }
        check(304, "/page/{file}", proxy, "GET", "/page/main.js", "", "If-None-Match", "*");
        check(304, "/api/v1/status", proxy, "GET", "/api/v1/status", "", "If-None-Match", "*");
    }

    private static String identityToken() throws IOException {
        try (TestIssuer any = new TestIssuer()) {
            return any.token(Instant.now(), claims -> claims.issuer(DescribedProxy.UNREACHABLE_ISSUER));
        }
    }

    private static void forgetting() throws IOException, InterruptedException {
        String path = "/api/v1/repositories/{name}/forget";
        String other = path.replace("{name}", "other.example.org");
        guarded.send("POST", "/api/v1/publish", message("other.example.org"), "Authorization", BEARER);
        check(401, path, guarded, "POST", other, "");
        check(403, path, guarded, "POST", path.replace("{name}", KNOWN), "", "Authorization", BEARER);
        check(200, path, guarded, "POST", other, "", "Authorization", BEARER);
        check(404, path, guarded, "POST", other, "", "Authorization", BEARER);
        check(503, path, withoutBroker, "POST", other, "", "Authorization", BEARER);
    }

    private static void refreshing() throws IOException, InterruptedException {
        String path = "/api/v1/repositories/{name}/refresh";
        String other = path.replace("{name}", "other.example.org");
        Path repository = Files.createDirectories(DescribedProxy.STRATUM_0.resolve("other.example.org"));
        Files.write(
                repository.resolve(".cvmfspublished"),
                Activities.message("other.example.org", 2).manifestBytes());
        String[] bearer = {"Authorization", BEARER};
        check(200, path, guarded, "POST", other, "{\"any\":\"webhook\"}", bearer);
        check(401, path, guarded, "POST", other, "");
        check(403, path, guarded, "POST", path.replace("{name}", "other.example.com"), "", bearer);
        check(404, path, guarded, "POST", path.replace("{name}", "unknown.example.com"), "", bearer);
        check(502, path, guarded, "POST", path.replace("{name}", "missing.example.org"), "", bearer);
        check(503, path, withoutBroker, "POST", other, "", bearer);
        String hook = path + "/{token}";
        check(
                200,
                hook,
                guarded,
                "POST",
                other + "/" + DescribedProxy.HOOK.token().value(),
                "");
        check(401, hook, guarded, "POST", other + "/wrong", "");
        check(403, hook, guarded, "POST", other + "/" + TOKEN.token().value(), "");
        checkTooOften(path, guarded, "POST", other, "");
    }

    private static String message(String repository) {
        return new String(Activities.message(repository, 1).raw(), UTF_8);
    }

    private static void check(
            int status, String path, DescribedProxy asked, String method, String target, String body, String... headers)
            throws IOException, InterruptedException {
        check(status, path, method, asked.send(method, target, body, headers));
    }

    /** Asks until it is refused, and checks that answer: the next one may be another, for the rate allows more each moment. */
    private static void checkTooOften(String path, DescribedProxy asked, String method, String target, String body)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> response = asked.send(method, target, body);
        for (int i = 0; i < 300 && response.statusCode() != 429; i++) {
            response = asked.send(method, target, body);
        }
        check(429, path, method, response);
    }

    private static void check(int status, String path, String method, HttpResponse<InputStream> response)
            throws IOException {
        String what = "%s %s %s".formatted(method.toLowerCase(Locale.ROOT), path, status);
        EXERCISED.add(what);
        assertThat(response.statusCode()).as(what).isEqualTo(status);
        JsonNode described = API.root()
                .path("paths")
                .path(path)
                .path(method.toLowerCase(Locale.ROOT))
                .path("responses")
                .path(String.valueOf(status));
        assertThat(described.has("description")).as(what).isTrue();
        described.path("headers").properties().forEach(header -> {
            if (header.getValue().path("required").booleanValue()) {
                assertThat(response.headers().firstValue(header.getKey()))
                        .as(what)
                        .isPresent();
            }
        });
        checkContent(what, described.path("content"), response);
    }

    private static void checkContent(String what, JsonNode described, HttpResponse<InputStream> response)
            throws IOException {
        String type = response.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
        if (described.isMissingNode()) {
            assertThat(type).as(what).isEmpty();
        } else {
            assertThat(described.has(type)).as(what + " " + type).isTrue();
        }
        if (type.equals("text/event-stream")) {
            OPEN.add(response.body());
        } else {
            String body = new String(response.body().readAllBytes(), UTF_8);
            if (type.equals("application/json")) {
                API.assertMatches(described.path(type).path("schema"), ApiDocument.json(body));
            }
        }
    }

    private static Set<String> described() {
        Set<String> all = new TreeSet<>();
        API.root()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> method.getValue()
                                .path("responses")
                                .fieldNames()
                                .forEachRemaining(status ->
                                        all.add("%s %s %s".formatted(method.getKey(), path.getKey(), status)))));
        return all;
    }

    @Test
    void everyRouteOfTheServerIsDescribed() throws IOException, InterruptedException {
        Set<String> routes = new TreeSet<>();
        for (String path : pathsInTheCode()) {
            if (proxy.send("OPTIONS", path, "").statusCode() != 404) {
                routes.add(path);
            }
        }

        assertThat(routes)
                .hasSizeGreaterThan(8)
                .allMatch(route -> API.root().path("paths").has(route)
                        || API.root().path("paths").has(route + "/{name}"));
    }

    /** Each text in the sources of the server that could be a path of it. */
    private static Set<String> pathsInTheCode() throws IOException {
        Set<String> paths = new TreeSet<>();
        Pattern literal = Pattern.compile("\"(/[a-z0-9/_-]*)\"");
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                literal.matcher(Files.readString(source)).results().forEach(found -> paths.add(found.group(1)));
            }
        }
        return paths;
    }

    @Test
    void whatDoesNotFitTheSchemaIsFound() {
        JsonNode repository = API.root().at("/components/schemas/Repository");

        assertThat(catchThrowable(() -> API.assertMatches(repository, ApiDocument.json("{\"repository\":\"a\"}"))))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("root_hash");
    }
}
