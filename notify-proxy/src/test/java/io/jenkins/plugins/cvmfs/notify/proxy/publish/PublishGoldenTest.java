package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig.FairShareConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden bytes of publishing. Each element of a list is one flush, so one system call and one TCP segment. */
@ExtendWith(LeakGuard.class)
class PublishGoldenTest {

    private static final String MESSAGE = Requests.message("test.example.org", 7);
    private static final String OK = """
            HTTP/1.1 200 OK\r
            Content-Type: application/json\r
            Content-Length: 15\r
            \r
            {"status":"ok"}""";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection connection = new TestConnection(proxy);

    @AfterEach
    void disconnect() {
        connection.disconnect();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/publish", "/api/v1/notifications/publish"})
    void aSuccessIsOneWriteWithContentLength(String path) {
        connection.send(Requests.request("POST", path, MESSAGE));

        assertThat(connection.writes()).containsExactly(OK);
        assertThat(connection.isOpen()).isTrue();
        assertThat(proxy.log.calls).endsWith("append test.example.org 7");
    }

    /** With a body, libcurl 8.14 makes the C++ publisher compare bytes behind its buffer's end, and exit with 9. */
    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/publish", "/api/v1/notifications/publish"})
    void aSuccessHasNoBodyForTheCxxPublisher(String path) {
        connection.send(Requests.publishByCvmfs(path, MESSAGE));

        assertThat(connection.writes()).containsExactly("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(connection.isOpen()).isTrue();
        assertThat(proxy.log.calls).endsWith("append test.example.org 7");
    }

    @Test
    void publishesOverTheRateOfAnAddressAre429WithRetryAfter() {
        TestProxy strict = new TestProxy(TestLimits.with(new FairShareConfig(10, 1, 0, 1 << 20, 1 << 20)));
        assertRefusedAfterTen(strict, "too_many_of_publisher");
    }

    @Test
    void publishesOverTheRateOfARepositoryAre429WithRetryAfter() {
        TestProxy strict = new TestProxy(TestLimits.with(new FairShareConfig(10, 0, 1, 1 << 20, 1 << 20)));
        assertRefusedAfterTen(strict, "too_many_of_repository");
    }

    private static void assertRefusedAfterTen(TestProxy strict, String reason) {
        TestConnection publisher = new TestConnection(strict);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 100 && answers.stream().noneMatch(answer -> answer.contains("429")); i++) {
            publisher.send(Requests.publish(MESSAGE));
            answers.add(publisher.received());
        }

        // More than ten only as time goes by meanwhile
        assertThat(answers).hasSizeGreaterThan(10);
        assertThat(answers.get(answers.size() - 1))
                .startsWith("HTTP/1.1 429 Too Many Requests\r\n")
                .contains("\r\nRetry-After: 1\r\n")
                .endsWith("{\"reason\":\"%s\",\"status\":\"error\"}".formatted(reason));
        assertThat(strict.count("cvmfs_notify_requests", "resource", "publish", "status", "429"))
                .isEqualTo(1);
        publisher.disconnect();
    }

    @Test
    void theCxxPublisherSeesARateLimitAsAFailure() {
        TestProxy strict = new TestProxy(TestLimits.with(new FairShareConfig(10, 0, 1, 1 << 20, 1 << 20)));
        TestConnection publisher = new TestConnection(strict);
        List<String> writes = List.of();
        for (int i = 0; i < 100 && writes.size() != 2; i++) {
            publisher.send(Requests.publishByCvmfs("/api/v1/publish", MESSAGE));
            writes = publisher.writes();
        }

        assertThat(writes).hasSize(2);
        assertThat(writes.get(0)).startsWith("HTTP/1.1 429 ").contains("Transfer-Encoding: chunked");
        publisher.disconnect();
    }

    @Test
    void nothingIsSaidBeforeTheLogHasConfirmed() {
        proxy.log.holdConfirms();

        connection.send(Requests.publish(MESSAGE));

        assertThat(connection.writes()).isEmpty();
        proxy.log.confirmOne();
        assertThat(connection.writes()).containsExactly(OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{", "[]", "7", "{\"version\":1}", "{\"version\":\"1\"}", "{\"version\":1,\"timestamp\":7}"})
    void whatIsNoActivityMessageIs400WithTheOriginalsBody(String body) {
        connection.send(Requests.publish(body));

        assertThat(connection.writes())
                .singleElement()
                .satisfies(answer -> assertThat(answer)
                        .startsWith("""
                                HTTP/1.1 400 Bad Request\r
                                Content-Type: application/json\r
                                Content-Length: 45\r
                                X-Cvmfs-Notify-Detail:\s""")
                        .endsWith("\r\n\r\n{\"reason\":\"invalid_message\",\"status\":\"error\"}"));
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void anEmptyBodyIs400() {
        connection.send(Requests.request("POST", "/api/v1/publish", ""));

        assertThat(connection.received()).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void aFailureIsInChunksAndTwoWritesForTheCxxPublisher() {
        connection.send(Requests.publishByCvmfs("/api/v1/publish", "{\"version\":1}"));

        assertThat(connection.writes())
                .containsExactly("""
                        HTTP/1.1 400 Bad Request\r
                        Content-Type: application/json\r
                        Transfer-Encoding: chunked\r
                        X-Cvmfs-Notify-Detail: field 'timestamp': is missing\r
                        \r
                        """, "2d\r\n{\"reason\":\"invalid_message\",\"status\":\"error\"}\r\n0\r\n\r\n");
    }

    @Test
    void aLogThatCannotConfirmIs503WithTheTimeToTryAgain() {
        proxy.log.failAppends(new LogUnavailableException("the broker is not connected", null));

        connection.send(Requests.publish(MESSAGE));

        assertThat(connection.writes()).containsExactly("""
                HTTP/1.1 503 Service Unavailable\r
                Content-Type: application/json\r
                Content-Length: 45\r
                Retry-After: 1\r
                X-Cvmfs-Notify-Detail: the broker is not connected\r
                \r
                {"reason":"log_unavailable","status":"error"}""");
    }

    @Test
    void a503IsAFailureForTheCxxPublisherToo() {
        proxy.log.failAppends(new LogUnavailableException("the broker is not connected", null));

        connection.send(Requests.publishByCvmfs("/api/v1/notifications/publish", MESSAGE));

        assertThat(connection.writes())
                .containsExactly("""
                        HTTP/1.1 503 Service Unavailable\r
                        Content-Type: application/json\r
                        Transfer-Encoding: chunked\r
                        Retry-After: 1\r
                        X-Cvmfs-Notify-Detail: the broker is not connected\r
                        \r
                        """, "2d\r\n{\"reason\":\"log_unavailable\",\"status\":\"error\"}\r\n0\r\n\r\n");
    }

    @Test
    void whileShuttingDownAPublishIs503() {
        var unused = proxy.publishService.drain();

        connection.send(Requests.publish(MESSAGE));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .endsWith("{\"reason\":\"shutting_down\",\"status\":\"error\"}");
    }

    @Test
    void aDetailIsOneLineOfPrintableAscii() {
        proxy.log.failAppends(new LogUnavailableException("a\r\nSet-Cookie: b é " + "x".repeat(300), null));

        connection.send(Requests.publish(MESSAGE));

        assertThat(connection.received())
                .contains("\r\nX-Cvmfs-Notify-Detail: a??Set-Cookie: b ? " + "x".repeat(281) + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "HEAD", "PATCH", "BREW"})
    void otherMethodsAre405AndAreToldWhatIsAllowed(String method) {
        connection.send(Requests.request(method, "/api/v1/publish", ""));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("\r\nAllow: POST, OPTIONS\r\n");
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void aContentTypeIsIgnored() {
        connection.send(Requests.request("POST", "/api/v1/publish", MESSAGE, "Content-Type: text/html\r\n"));

        assertThat(connection.received()).isEqualTo(OK);
    }

    @Test
    void publishesAreCountedByStatus() {
        connection.send(Requests.publish(MESSAGE)).send(Requests.publish("{"));

        assertThat(proxy.count("cvmfs_notify_requests", "resource", "publish", "status", "200"))
                .isEqualTo(1);
        assertThat(proxy.count("cvmfs_notify_requests", "resource", "publish", "status", "400"))
                .isEqualTo(1);
    }
}
