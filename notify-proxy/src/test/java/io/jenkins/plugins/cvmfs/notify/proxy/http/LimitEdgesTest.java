package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of each limit of the front end: what just fits is served, one more is refused with its reason and counted, and the rest goes on. */
class LimitEdgesTest {

    private static final String FIRST_HEADER = "Host: proxy.example.org:4930";

    private TestProxy proxy = new TestProxy(TestLimits.small());
    private final List<TestConnection> connections = new ArrayList<>();

    @AfterEach
    void disconnect() {
        connections.forEach(TestConnection::disconnect);
    }

    private TestConnection connection() {
        TestConnection added = new TestConnection(proxy);
        connections.add(added);
        return added;
    }

    private String answer(String request) {
        return connection().send(request).received();
    }

    private double answered(String resource, String status) {
        return proxy.count("cvmfs_notify_requests", "resource", resource, "status", status);
    }

    private static void assertRefused(String answer, int status, String reason) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("{\"reason\":\"" + reason + "\"");
    }

    @Test
    void aRequestLine() {
        int rest = "GET / HTTP/1.1".length();

        assertRefused(answer(Requests.get("/" + "x".repeat(TestLimits.MAX_HEADER_BYTES - rest))), 404, "not_found");
        assertRefused(
                answer(Requests.get("/" + "x".repeat(TestLimits.MAX_HEADER_BYTES - rest + 1))),
                414,
                "request_line_too_long");

        assertThat(answered("none", "414")).isEqualTo(1);
        assertThat(answer(Requests.get("/hello"))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void headers() {
        int rest = FIRST_HEADER.length() + "X: ".length();

        assertThat(answer(getWithHeader(TestLimits.MAX_HEADER_BYTES - rest))).startsWith("HTTP/1.1 200 ");
        assertRefused(answer(getWithHeader(TestLimits.MAX_HEADER_BYTES - rest + 1)), 431, "headers_too_long");

        assertThat(answered("none", "431")).isEqualTo(1);
        assertThat(answer(Requests.get("/hello"))).startsWith("HTTP/1.1 200 ");
    }

    private static String getWithHeader(int length) {
        return Requests.get("/hello", "X: " + "x".repeat(length) + "\r\n");
    }

    @Test
    void theBodyOfAPublish() {
        String message = Requests.message("a.example.org", 1);
        String longest = message + " ".repeat(TestLimits.MAX_MESSAGE_BYTES - message.length());

        assertThat(answer(Requests.publish(longest))).startsWith("HTTP/1.1 200 ");
        assertRefused(answer(Requests.publish(longest + " ")), 413, "message_too_large");

        assertThat(answered("publish", "413")).isEqualTo(1);
        assertThat(answer(Requests.publish(message))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void subscriptionsOfAConnection() {
        String three = "/api/v1/subscribe?repository=r1&repository=r2&repository=r3";

        assertThat(answer(Requests.get(three))).startsWith("HTTP/1.1 200 ");
        assertRefused(answer(Requests.get(three + "&repository=r4")), 400, "too_many_subscriptions");
        assertRefused(answer(Requests.upgrade(three + "&repository=r4")), 400, "too_many_subscriptions");

        assertThat(proxy.count("cvmfs_notify_subscriptions_refused", "reason", "too_many_subscriptions"))
                .isEqualTo(2);
        assertThat(proxy.subscribers("r3")).isEqualTo(1);
    }

    /** Of five names one is kept for a repository that is announced. */
    @Test
    void repositories() {
        for (String name : List.of("r1", "r2", "r3", "r4")) {
            assertThat(answer(Requests.get("/api/v1/subscribe?repository=" + name)))
                    .startsWith("HTTP/1.1 200 ");
        }
        assertRefused(answer(Requests.get("/api/v1/subscribe?repository=r5")), 503, "too_many_repositories");
        assertRefused(answer(Requests.upgrade("/api/v1/subscribe?repository=r5")), 503, "too_many_repositories");
        assertThat(proxy.count("cvmfs_notify_subscriptions_refused", "reason", "too_many_repositories"))
                .isEqualTo(2);

        assertThat(answer(Requests.publish("r5", 1))).startsWith("HTTP/1.1 200 ");
        assertRefused(answer(Requests.publish("r6", 1)), 503, "too_many_repositories");
        assertThat(proxy.count("cvmfs_notify_publishes", "outcome", "too_many_repositories"))
                .isEqualTo(1);

        assertThat(answer(Requests.publish("r1", 1))).startsWith("HTTP/1.1 200 ");
        assertThat(answer(Requests.get("/api/v1/subscribe?repository=r5"))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void repositoriesOfOneRequest() {
        assertThat(answer(Requests.get("/api/v1/subscribe?repository=r1&repository=r2")))
                .startsWith("HTTP/1.1 200 ");
        String oneMoreThanFits = "/api/v1/subscribe?repository=r3&repository=r4&repository=r5";

        assertRefused(answer(Requests.get(oneMoreThanFits)), 503, "too_many_repositories");
        assertRefused(answer(Requests.upgrade(oneMoreThanFits)), 503, "too_many_repositories");

        assertThat(answer(Requests.get("/api/v1/subscribe?repository=r1&repository=r3&repository=r4")))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void publishesThatWaitForTheLog() {
        proxy.log.holdConfirms();
        List<TestConnection> waiting = new ArrayList<>();
        for (int revision = 1; revision <= 4; revision++) {
            waiting.add(connection().send(Requests.publish("r1", revision)));
        }

        String tooMuch = answer(Requests.publish("r1", 5));

        assertRefused(tooMuch, 503, "too_many_pending");
        assertThat(tooMuch).contains("\r\nRetry-After: ");
        assertThat(proxy.count("cvmfs_notify_publishes", "outcome", "too_many_pending"))
                .isEqualTo(1);
        proxy.log.confirmOne();
        assertThat(waiting.get(0).received()).startsWith("HTTP/1.1 200 ");
        connection().send(Requests.publish("r1", 6));
        assertThat(proxy.log.unconfirmed()).isEqualTo(4);
    }

    /** A client that sends 100 KB takes up to 128 KiB while they come. */
    @Test
    void memoryForLongBodies() {
        proxy = new TestProxy(TestLimits.withRoomForOneLongBody());
        String body = "x".repeat(100_000);
        String request = Requests.publish(body);
        String allButTheEnd = request.substring(0, request.length() - 1);

        TestConnection first = connection().send(allButTheEnd);
        assertThat(proxy.bodies.taken()).isBetween(96_000L, 128 * 1024L);
        String tooMuch = answer(request);
        assertRefused(tooMuch, 503, "too_many_pending");
        assertThat(tooMuch).contains("\r\nRetry-After: ");
        assertThat(answer(Requests.publish("r1", 1))).startsWith("HTTP/1.1 200 ");

        assertRefused(first.send("x").received(), 400, "invalid_message");
        assertThat(proxy.bodies.taken()).isZero();
        connection().send(allButTheEnd).disconnect();
        assertThat(proxy.bodies.taken()).isZero();
        assertRefused(answer(request), 400, "invalid_message");
        assertThat(answered("publish", "503")).isEqualTo(1);
    }

    @Test
    void aLongBodyIsCountedUntilThoseWhoWorkWithItAreDoneAlthoughItsSenderIsGone() {
        proxy = new TestProxy(TestLimits.withRoomForOneLongBody());
        proxy.log.holdConfirms();
        TestConnection sender = connection();
        sender.send(Requests.publish(Requests.message("r1", 1) + " ".repeat(100_000)));

        sender.disconnect();
        assertThat(proxy.bodies.taken()).isPositive();
        proxy.log.confirmOne();

        assertThat(proxy.bodies.taken()).isZero();
    }
}
