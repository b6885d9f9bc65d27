package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Frames;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What somebody sees who may not, byte for byte where clients depend on it. */
@ExtendWith(LeakGuard.class)
class RightsGoldenTest {

    private static final TokenHash.Minted TOKEN = TokenHash.mint();
    private static final String BEARER =
            "Authorization: Bearer " + TOKEN.token().value() + "\r\n";
    private static final String MINE = "mine.example.org";
    private static final String OTHERS = "others.example.org";
    private static final String NOT_ALLOWED = """
            {"reason":"not_allowed","status":"error","repository":"others.example.org","right":"subscribe",\
            "detail":"these credentials lack the right to subscribe to others.example.org; the server's administrator can add it to the subscribe list of their entry"}""";

    private final TestProxy proxy = new TestProxy(TestLimits.small(), onlyTheTokenOpens());
    private final TestConnection connection = new TestConnection(proxy);

    private static AccessConfig onlyTheTokenOpens() {
        List<RepositoryPattern> mine = List.of(new RepositoryPattern(MINE));
        return withToken(AnonymousPublish.NOBODY, new Grants(mine, mine));
    }

    private static AccessConfig withToken(AnonymousPublish anonymous, Grants grants) {
        AccessConfig none = TestConfigs.access();
        return new AccessConfig(
                anonymous,
                AnonymousSubscribe.NOBODY,
                List.of(new TokenConfig("tester", TOKEN.hash(), grants)),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                none.trust(),
                Optional.empty());
    }

    @AfterEach
    void disconnect() {
        connection.disconnect();
    }

    @Test
    void whoShowsNothingIsAskedForCredentials() {
        connection.send(Requests.publish(MINE, 1));

        assertThat(connection.writes()).containsExactly("""
                        HTTP/1.1 401 Unauthorized\r
                        Content-Type: application/json\r
                        Content-Length: 48\r
                        X-Cvmfs-Notify-Detail: credentials with the right to publish mine.example.org are needed; on the server's machine make a token: notify-proxy token --name NAME --publish mine.example.org\r
                        www-authenticate: Bearer realm="cvmfs-notify"\r
                        \r
                        {"reason":"credentials_needed","status":"error"}""");
        assertThat(proxy.log.calls).isEmpty();
    }

    @Test
    void aRefusedPublisherReadsWhichRightIsMissing() {
        connection.send(publish(OTHERS, BEARER));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains("X-Cvmfs-Notify-Detail: these credentials lack the right to publish others.example.org;"
                        + " the server's administrator can add it to the publish list of their entry\r\n")
                .endsWith("{\"reason\":\"not_allowed\",\"status\":\"error\"}");
    }

    @Test
    void whoMayDoes() {
        connection.send(publish(MINE, BEARER));

        assertThat(connection.received()).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(proxy.log.calls).containsExactly("append mine.example.org 1");
    }

    @Test
    void onlyWhoHasTheRightMayHaveARepositoryForgotten() {
        TestProxy open = new TestProxy(TestLimits.small(), withTheRightToForget());
        TestConnection one = new TestConnection(open);
        one.send(publish(MINE, BEARER));
        one.received();

        one.send(forget(MINE, ""));
        assertThat(one.received())
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("the right to forget mine.example.org are needed");
        one.disconnect();

        TestConnection other = new TestConnection(open);
        other.send(forget(OTHERS, BEARER));
        assertThat(other.received()).startsWith("HTTP/1.1 403 Forbidden\r\n");
        other.send(forget(MINE, BEARER));
        assertThat(other.received()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("{\"status\":\"ok\"}");
        other.send(forget(MINE, BEARER));
        assertThat(other.received()).startsWith("HTTP/1.1 404 Not Found\r\n").contains("unknown_repository");
        assertThat(open.log.calls).containsExactly("append mine.example.org 1", "forget mine.example.org");
        assertThat(open.fanOut.lastValues()).isEmpty();
        other.disconnect();
    }

    @Test
    void aTokenThatMayPublishMayNotForget() {
        connection.send(forget(MINE, BEARER));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains("the right to forget mine.example.org");
        assertThat(proxy.log.calls).isEmpty();
    }

    private static AccessConfig withTheRightToForget() {
        List<RepositoryPattern> mine = List.of(new RepositoryPattern(MINE));
        return withToken(AnonymousPublish.EVERYONE, new Grants(mine, mine, mine, List.of()));
    }

    private static String forget(String repository, String headers) {
        return "POST /api/v1/repositories/" + repository + "/forget HTTP/1.1\r\nHost: localhost\r\n" + headers
                + "Content-Length: 0\r\n\r\n";
    }

    @Test
    void aRefusalLooksLikeAFailureToTheCxxPublisher() {
        connection.send(Requests.publishByCvmfs("/api/v1/publish", Requests.message(MINE, 1)));

        List<String> writes = connection.writes();
        assertThat(writes).hasSize(2);
        assertThat(writes.get(0))
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("Transfer-Encoding: chunked\r\n");
        assertThat(writes.get(1)).contains("credentials_needed");
    }

    @Test
    void aRefusalLooksLikeAFailureToTheCxxSubscriber() {
        connection.send(Requests.subscribeByBody(MINE));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("{\"reason\":\"credentials_needed\",\"status\":\"error\",")
                .contains("}\n\r\n0\r\n\r\n");
    }

    @Test
    void aRefusedEventStreamNamesTheMissingRight() {
        connection.send(Requests.get("/api/v1/subscribe?repository=" + OTHERS, BEARER));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains("\r\nContent-Type: application/json\r\n")
                .endsWith("\r\n\r\n" + NOT_ALLOWED);
    }

    @Test
    void headNeedsTheRightToo() {
        connection.send(Requests.request("HEAD", "/api/v1/subscribe?repository=" + OTHERS, "", BEARER));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void anUpgradeThatNamesARepositoryIsRefusedBeforeItHappens() {
        connection.send(Requests.upgrade("/api/v1/subscribe?repository=" + MINE + "&repository=" + OTHERS, BEARER));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains("X-Cvmfs-Notify-Detail: these credentials lack the right to subscribe to others.example.org;"
                        + " the server's administrator can add it to the subscribe list of their entry\r\n")
                .endsWith("\r\n\r\n" + NOT_ALLOWED);
        assertThat(proxy.subscribers(MINE)).isZero();
    }

    @Test
    void aRefusalByFrameNamesTheMissingRight() {
        connection.send(Requests.upgrade("/api/v1/subscribe", BEARER)).received();

        connection.send(Frames.subscription(OTHERS));

        assertThat(connection.writes()).containsExactly(Frames.fromServer(Frames.BINARY, NOT_ALLOWED));
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void whoShowsNothingIsToldByFrameThatCredentialsAreNeeded() {
        connection.send(Requests.upgrade("/api/v1/subscribe")).received();

        connection.send(Frames.subscription(MINE));

        assertThat(connection.writes()).containsExactly(Frames.fromServer(Frames.BINARY, """
                {"reason":"credentials_needed","status":"error","repository":"mine.example.org","right":"subscribe",\
                "detail":"credentials with the right to subscribe to mine.example.org are needed; on the server's machine make a token: notify-proxy token --name NAME --subscribe mine.example.org"}"""));
    }

    /** So a client that pings after it has subscribed knows at the pong that nothing was refused. */
    @Test
    void aRefusalComesBeforeTheAnswerToALaterPing() {
        connection.send(Requests.upgrade("/api/v1/subscribe", BEARER)).received();

        connection.send(Frames.subscription(OTHERS)).send(Frames.masked(Frames.PING, "7"));

        assertThat(connection.writes())
                .containsExactly(Frames.fromServer(Frames.BINARY, NOT_ALLOWED), Frames.fromServer(Frames.PONG, "7"));
    }

    @Test
    void anEventStreamNeedsTheRight() {
        connection.send(Requests.get("/api/v1/subscribe?repository=" + OTHERS, BEARER));
        assertThat(connection.received()).startsWith("HTTP/1.1 403 Forbidden\r\n");

        connection.send(Requests.get("/api/v1/subscribe?repository=" + MINE, BEARER));
        assertThat(connection.received()).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(proxy.count("cvmfs_notify_subscriptions_refused", "reason", "not_allowed"))
                .isEqualTo(1);
    }

    @Test
    void aWebSocketNeedsTheRightForEachRepository() {
        connection.send(Requests.upgrade("/api/v1/subscribe", BEARER));
        assertThat(connection.received()).startsWith("HTTP/1.1 101 ");

        connection.send(Frames.masked(Frames.BINARY, Requests.subscription(OTHERS)));
        assertThat(connection.received()).contains("{\"reason\":\"not_allowed\",\"status\":\"error\",");
        connection.send(Frames.masked(Frames.BINARY, Requests.subscription(MINE)));
        proxy.publish(MINE, 1);
        assertThat(proxy.subscribers(MINE)).isEqualTo(1);
        assertThat(proxy.subscribers(OTHERS)).isZero();
    }

    @Test
    void aPageInABrowserShowsItsTokenAsASubprotocolThatIsNotSentBack() {
        connection.send(Requests.upgrade(
                "/api/v1/subscribe?repository=" + MINE,
                "Sec-WebSocket-Protocol: json, bearer." + TOKEN.token().value() + "\r\n"));

        String answer = connection.received();
        assertThat(answer)
                .startsWith("HTTP/1.1 101 ")
                .contains("Sec-WebSocket-Protocol: json\r\n")
                .doesNotContain(TOKEN.token().value());
        assertThat(proxy.subscribers(MINE)).isEqualTo(1);
    }

    @Test
    void aWebSocketWithAWrongTokenIsRefusedAtOnce() {
        connection.send(Requests.upgrade("/api/v1/subscribe", "Sec-WebSocket-Protocol: json, bearer.hunter2\r\n"));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .endsWith("""
                        {"reason":"invalid_credentials","status":"error","right":"subscribe",\
                        "detail":"the credentials in the Authorization header are not valid"}""");
    }

    @Test
    void aTokenInTheUrlIsNotLookedAt() {
        connection.send(Requests.get("/api/v1/subscribe?repository=" + MINE + "&token="
                + TOKEN.token().value()));

        assertThat(connection.received()).startsWith("HTTP/1.1 401 Unauthorized\r\n");
    }

    private static String publish(String repository, String headerLine) {
        return Requests.request("POST", "/api/v1/publish", Requests.message(repository, 1), headerLine);
    }
}
