package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Server-sent events in golden bytes. Each element of a list is one flush, so one system call. */
@ExtendWith(LeakGuard.class)
class EventStreamGoldenTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final String HEAD = """
            HTTP/1.1 200 OK\r
            Content-Type: text/event-stream\r
            Cache-Control: no-cache\r
            Transfer-Encoding: chunked\r
            \r
            """;
    private static final String RETRY = "d\r\nretry: 1000\n\n\r\n";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection stream = new TestConnection(proxy);

    @AfterEach
    void disconnect() {
        stream.disconnect();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/subscribe", "/api/v1/notifications/subscribe"})
    void aBodySubscribesAndTheHeadGoesOutAtOnce(String path) {
        stream.send(Requests.request("GET", path, Requests.subscription(A)));

        assertThat(stream.writes()).containsExactly(HEAD);
        assertThat(proxy.subscribers(A)).isEqualTo(1);
        assertThat(proxy.log.calls).containsExactly("follow " + A);
    }

    @Test
    void aStreamOpensAlsoWhileTheLogIsUnreachable() {
        proxy.log.failFollows(new LogUnavailableException("the broker is not connected", null));

        stream.send(Requests.get("/api/v1/subscribe?repository=" + A));

        assertThat(stream.received()).isEqualTo(HEAD + RETRY);
        assertThat(proxy.log.calls).containsExactly("follow " + A);
    }

    @Test
    void theCxxClientGetsEachEventAsOneChunkInOneWriteAndNothingElseEver() {
        proxy.publish(A, 1);
        stream.send(Requests.subscribeByBody(A));
        proxy.publish(A, 2);
        stream.letTimePass(Duration.ofHours(5));
        proxy.publish(A, 3);
        stream.letTimePass(Duration.ofHours(5));

        assertThat(stream.writes()).containsExactly(HEAD, bareEvent(A, 1), bareEvent(A, 2), bareEvent(A, 3));
        assertThat(stream.isOpen()).isTrue();
    }

    @Test
    void headNeverOpensAStream() {
        stream.send(Requests.request("HEAD", "/api/v1/notifications/subscribe", Requests.subscription(A)));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
                .doesNotContain("chunked");
        assertThat(proxy.subscribers()).isZero();
        proxy.publish(A, 1);
        assertThat(stream.writes()).isEmpty();
        stream.send(Requests.get("/hello"));
        assertThat(stream.received()).startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n");
    }

    @Test
    void whatTheClientSaysAfterItsSubscriptionIsIgnored() {
        stream.send(Requests.subscribeByBody(A)).received();

        stream.send("GET / HTTP/1.1\r\n\r\n");

        assertThat(stream.writes()).isEmpty();
        assertThat(stream.isOpen()).isTrue();
    }

    @Test
    void aBodyStreamEndsWithoutItsLastChunk() {
        stream.send(Requests.subscribeByBody(A)).received();

        stream.shutDown();

        assertThat(stream.writes()).isEmpty();
        assertThat(stream.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{}", "{\"version\":1,\"repository\":\"no name\"}", "x"})
    void aBadSubscriptionIsAFailureForTheCxxClientAndNeverEmpty(String body) {
        stream.send(Requests.request("GET", "/api/v1/notifications/subscribe", body, Requests.CVMFS));

        assertThat(stream.writes())
                .hasSize(2)
                .last()
                .asString()
                .as("its reader looks at a body only when there is a line break in it")
                .isEqualTo("33\r\n{\"reason\":\"invalid_subscription\",\"status\":\"error\"}\n\r\n0\r\n\r\n");
    }

    @Test
    void aBadSubscriptionOfOthersIsAPlain400() {
        stream.send(Requests.request("GET", "/api/v1/notifications/subscribe", "{}"));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 50\r\n")
                .contains("X-Cvmfs-Notify-Detail: field 'version': is missing\r\n")
                .endsWith("{\"reason\":\"invalid_subscription\",\"status\":\"error\"}");
    }

    @Test
    void aTooLongSubscriptionIs413() {
        stream.send(Requests.request("GET", "/api/v1/notifications/subscribe", "x".repeat(4097)));

        assertThat(stream.received()).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void aQuerySubscribesAndItsEventsHaveIds() {
        proxy.publish(A, 1);

        stream.send(Requests.get("/api/v1/notifications/subscribe?repository=" + A));
        proxy.publish(A, 2);

        assertThat(stream.writes()).containsExactly(HEAD, RETRY, event(A, 1, 1), event(A, 2, 2));
    }

    @Test
    void aHeldAnnouncementGoesOnlyToThoseThatDoNotWait() {
        TestConnection waiting = new TestConnection(proxy);
        waiting.send(Requests.get("/api/v1/subscribe?repository=" + A)).received();
        stream.send(Requests.get("/api/v1/subscribe?hold=none&repository=" + A)).received();

        proxy.fanOut.hold(
                new Announcement(Activities.message(A, 1), new LogPosition("memory", 1), InMemoryActivityLog.NOW));
        assertThat(stream.writes()).containsExactly(event(A, 1, 1));
        assertThat(waiting.writes()).isEmpty();
        proxy.fanOut.release(
                proxy.fanOut.waiting(new RepositoryName(A)).orElseThrow().newest());

        assertThat(stream.writes()).isEmpty();
        assertThat(waiting.writes()).containsExactly(event(A, 1, 1));
        waiting.disconnect();
    }

    @Test
    void anotherWayOfHoldingIsRefused() {
        stream.send(Requests.get("/api/v1/subscribe?hold=all&repository=" + A));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 400 ")
                .contains("X-Cvmfs-Notify-Detail: parameter 'hold': 'all' is not none\r\n");
    }

    @Test
    void aQueryMayNameSeveralRepositories() {
        stream.send(Requests.get("/api/v1/subscribe?repository=" + A + "&repository=" + B + "&repository=" + A));
        stream.received();

        proxy.publish(B, 1);
        proxy.publish(A, 1);

        assertThat(stream.writes()).containsExactly(event(B, 1, 1), event(A, 1, 2));
    }

    @Test
    void silenceOfAQueryStreamIsBrokenByComments() {
        stream.send(Requests.get("/api/v1/subscribe?repository=" + A)).received();

        stream.letTimePass(TestLimits.PING);
        assertThat(stream.writes()).containsExactly("3\r\n:\n\n\r\n");
        proxy.publish(A, 1);
        stream.letTimePass(TestLimits.PING);
        assertThat(stream.writes()).containsExactly(event(A, 1, 1));
        stream.letTimePass(TestLimits.PING);
        assertThat(stream.writes()).containsExactly("3\r\n:\n\n\r\n");
    }

    @Test
    void aQueryStreamEndsCleanly() {
        stream.send(Requests.get("/api/v1/subscribe?repository=" + A)).received();

        stream.shutDown();

        assertThat(stream.writes()).containsExactly("0\r\n\r\n");
        assertThat(stream.isOpen()).isFalse();
        assertThat(proxy.subscribers(A)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "'&after=6', '', true",
        "'&after=7', '', false",
        "'&Last-Event-ID=memory:1', '', false",
        "'&last-event-id=memory:0', '', true",
        "'', 'Last-Event-ID: memory:1', false",
        "'', 'Last-Event-ID: memory:0', true",
        "'', 'Last-Event-ID: other:9', true",
        "'', 'Last-Event-ID: 7', false",
        "'', 'Last-Event-ID: 6', true",
        "'', 'Last-Event-ID: of some other server', true",
        "'&after=0', 'Last-Event-ID: memory:1', false"
    })
    void onlyWhatIsNewToTheClientIsReplayed(String query, String header, boolean replayed) {
        proxy.publish(A, 7);

        stream.send(Requests.get("/api/v1/subscribe?repository=" + A + query, header.isEmpty() ? "" : header + "\r\n"));

        assertThat(stream.writes()).hasSize(replayed ? 3 : 2);
    }

    @Test
    void aBodySubscriptionMayResumeToo() {
        proxy.publish(A, 7);

        stream.send(Requests.request("GET", "/api/v1/notifications/subscribe?after=7", Requests.subscription(A)));

        assertThat(stream.writes()).containsExactly(HEAD);
    }

    @Test
    void headShowsWhatAStreamWouldBegin() {
        stream.send(Requests.request("HEAD", "/api/v1/subscribe?repository=" + A, ""));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
                .contains("Cache-Control: no-cache\r\n");
        assertThat(proxy.subscribers(A)).isZero();
    }

    @Test
    void http10GetsTheSameWithoutChunks() {
        proxy.publish(A, 1);

        stream.send("GET /api/v1/subscribe?repository=" + A + " HTTP/1.0\r\n\r\n");

        assertThat(stream.received())
                .isEqualTo(HEAD.replace("Transfer-Encoding: chunked", "Connection: close") + "retry: 1000\n\ndata: "
                        + Requests.message(A, 1) + "\nid: memory:1\n\n");
        stream.shutDown();
        assertThat(stream.isOpen()).isFalse();
    }

    @Test
    void aMessageWithLineBreaksIsOneLineInAnEvent() {
        String pretty = Requests.message(A, 1).replace(", ", ",\n");
        stream.send(Requests.subscribeByBody(A)).received();

        new TestConnection(proxy).send(Requests.publish(pretty)).disconnect();

        assertThat(stream.writes()).containsExactly(bareEvent(A, 1));
    }

    @Test
    void moreRepositoriesThanAConnectionMayHaveAre400() {
        stream.send(Requests.get("/api/v1/subscribe?repository=r1&repository=r2&repository=r3&repository=r4"));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .endsWith("{\"reason\":\"too_many_subscriptions\",\"status\":\"error\"}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void newRepositoriesOverTheLimitAre503(boolean byBody) {
        for (String name : new String[] {"r1", "r2", "r3", "r4", "r5"}) {
            proxy.publish(name, 1);
        }

        stream.send(
                byBody
                        ? Requests.request("GET", "/api/v1/subscribe", Requests.subscription("r6"))
                        : Requests.get("/api/v1/subscribe?repository=r6"));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("Retry-After: 5\r\n")
                .endsWith("{\"reason\":\"too_many_repositories\",\"status\":\"error\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no%20name", "-x", "a%0d%0aSet-Cookie:b"})
    void aBadNameInTheQueryIs400(String name) {
        stream.send(Requests.get("/api/v1/subscribe?repository=" + name));

        assertThat(stream.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .doesNotContain("\r\nSet-Cookie")
                .endsWith("{\"reason\":\"invalid_subscription\",\"status\":\"error\"}");
    }

    @Test
    void aPercentEncodedNameIsDecoded() {
        stream.send(Requests.get("/api/v1/subscribe?repository=a%2Eexample.org"));

        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @Test
    void subscribersAreCountedByKind() {
        TestConnection other = new TestConnection(proxy);
        stream.send(Requests.subscribeByBody(A));
        other.send(Requests.get("/api/v1/subscribe?repository=" + A));

        assertThat(proxy.gauge("cvmfs_notify_subscribers", "kind", "events_by_body"))
                .isEqualTo(1);
        assertThat(proxy.gauge("cvmfs_notify_subscribers", "kind", "events_by_query"))
                .isEqualTo(1);
        other.disconnect();
    }

    private static String bareEvent(String repository, long revision) {
        return chunk("data: " + Requests.message(repository, revision) + "\n\n");
    }

    private static String event(String repository, long revision, long offset) {
        return chunk("data: " + Requests.message(repository, revision) + "\nid: memory:" + offset + "\n\n");
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }
}
