package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP as a connection lives it: keep-alive, pipelining, bodies, limits, time, garbage. */
@ExtendWith(LeakGuard.class)
class HttpConnectionTest {

    private static final String NAME = "test.example.org";
    private static final String OK_BODY = "{\"status\":\"ok\"}";
    private static final String OK =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + OK_BODY;

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection connection = new TestConnection(proxy);

    @AfterEach
    void disconnect() {
        connection.disconnect();
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther() {
        connection.send(Requests.publish(NAME, 1)).send(Requests.publish(NAME, 2));

        assertThat(connection.writes()).containsExactly(OK, OK);
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void requestsSentAheadAreAnsweredInTheirOrder() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1)
                + Requests.get("/nowhere")
                + Requests.publish(NAME, 2)
                + Requests.get("/hello"));
        assertThat(connection.writes()).isEmpty();

        proxy.log.confirmOne();
        assertThat(connection.writes()).hasSize(2).first().isEqualTo(OK);
        assertThat(connection.writes()).isEmpty();

        proxy.log.confirmOne();
        assertThat(connection.writes()).hasSize(2).first().isEqualTo(OK);
        assertThat(proxy.log.calls)
                .filteredOn(call -> call.startsWith("append"))
                .containsExactly("append " + NAME + " 1", "append " + NAME + " 2");
    }

    @Test
    void whileARequestIsAnsweredNoMoreIsReadThanSomethingSentAhead() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1));
        assertThat(connection.isReading()).isTrue();

        connection.send("P");

        assertThat(connection.isReading()).isFalse();
        proxy.log.confirmOne();
        connection.writes();
        assertThat(connection.isReading()).isTrue();
        connection.send(Requests.publish(NAME, 2).substring(1));
        proxy.log.confirmOne();
        assertThat(connection.received()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void whatWasSentAheadAndDripsIs408() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1)).send("POST");
        proxy.log.confirmOne();
        connection.writes();

        connection.letTimePass(TestLimits.REQUEST);

        assertThat(connection.received()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aWholeRequestSentAheadIsAnsweredNext() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1)).send(Requests.get("/hello"));
        assertThat(connection.writes()).isEmpty();
        assertThat(connection.isReading()).isFalse();

        proxy.log.confirmOne();

        assertThat(connection.writes()).hasSize(2);
        assertThat(connection.isReading()).isTrue();
    }

    @Test
    void aClientThatDoesNotReadItsAnswersIsNotReadEither() {
        connection.stopReading();

        connection.send(Requests.get("/hello").repeat(200));

        int answered = connection.writes().size();
        assertThat(connection.isReading()).isFalse();
        assertThat(answered).isPositive().isLessThan(200);
        connection.readAgain();
        assertThat(answered + connection.writes().size()).isEqualTo(200);
        assertThat(connection.isReading()).isTrue();
    }

    @Test
    void connectionCloseIsObeyed() {
        connection.send(
                Requests.request("POST", "/api/v1/publish", Requests.message(NAME, 1), "Connection: close\r\n"));

        assertThat(connection.writes()).containsExactly(OK.replace("15\r\n", "15\r\nConnection: close\r\n"));
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void http10ClosesAfterTheAnswer() {
        connection.send("GET /hello HTTP/1.0\r\n\r\n");

        assertThat(connection.received()).startsWith("HTTP/1.1 200 OK\r\n").contains("\r\nConnection: close\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void http10MayAskToKeepTheConnection() {
        connection.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

        assertThat(connection.received()).contains("\r\nConnection: keep-alive\r\n");
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void aRequestMayComeByteByByte() {
        for (char c : Requests.publish(NAME, 1).toCharArray()) {
            connection.send(String.valueOf(c));
        }

        assertThat(connection.writes()).containsExactly(OK);
    }

    @Test
    void aBodyMayComeInChunks() {
        String message = Requests.message(NAME, 1);
        String half = message.substring(0, 50);
        String rest = message.substring(50);

        connection.send("POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "32\r\n" + half + "\r\n" + Integer.toHexString(rest.length()) + ";ext=1\r\n" + rest
                + "\r\n0\r\nTrailer: x\r\n\r\n");

        assertThat(connection.writes()).containsExactly(OK);
    }

    @Test
    void whoExpectsToBeAskedForTheBodyIsAsked() {
        String request =
                Requests.request("POST", "/api/v1/publish", Requests.message(NAME, 1), "Expect: 100-continue\r\n");
        int headEnd = request.indexOf("\r\n\r\n") + 4;

        connection.send(request.substring(0, headEnd));

        assertThat(connection.writes()).containsExactly("HTTP/1.1 100 Continue\r\n\r\n");
        connection.send(request.substring(headEnd));
        assertThat(connection.writes()).containsExactly(OK);
    }

    @Test
    void otherExpectationsAre417() {
        connection.send(Requests.request("POST", "/api/v1/publish", "", "Expect: the-unexpected\r\n"));

        assertThat(connection.received()).startsWith("HTTP/1.1 417 Expectation Failed\r\n");
    }

    @Test
    void aBodyAnnouncedAsTooLongIsRefusedBeforeItComes() {
        connection.send(
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2049\r\n\r\n");

        assertThat(connection.writes())
                .singleElement()
                .satisfies(answer -> assertThat(answer)
                        .startsWith("HTTP/1.1 413 Request Entity Too Large\r\n")
                        .contains("\r\nConnection: close\r\n")
                        .endsWith("{\"reason\":\"message_too_large\",\"status\":\"error\"}"));
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aBodyOfTheLimitIsRead() {
        connection.send(Requests.request("POST", "/api/v1/publish", "x".repeat(TestLimits.MAX_MESSAGE_BYTES)));

        assertThat(connection.received()).startsWith("HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void chunksAreRefusedOnceTheyAreTooLong() {
        String chunk = "400\r\n" + "x".repeat(1024) + "\r\n";
        connection.send(
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk);
        assertThat(connection.writes()).isEmpty();

        connection.send("1\r\nx\r\n");

        assertThat(connection.received()).startsWith("HTTP/1.1 413 Request Entity Too Large\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aTooLongBodyIsAFailureForTheCxxPublisher() {
        connection.send(Requests.publishByCvmfs("/api/v1/publish", "x".repeat(3000)));

        assertThat(connection.writes()).hasSize(2);
    }

    @Test
    void aRequestLineOverTheLimitIs414() {
        connection.send(Requests.get("/" + "x".repeat(TestLimits.MAX_HEADER_BYTES)));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 414 Request-URI Too Long\r\n")
                .endsWith("{\"reason\":\"request_line_too_long\",\"status\":\"error\"}\n\r\n0\r\n\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void headersOverTheLimitAre431() {
        connection.send(Requests.get("/hello", "X-Long: " + "x".repeat(TestLimits.MAX_HEADER_BYTES) + "\r\n"));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n")
                .endsWith("{\"reason\":\"headers_too_long\",\"status\":\"error\"}\n\r\n0\r\n\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
                "hello\r\n\r\n",
                "GET\r\n\r\n",
                "GET /hello\r\n\r\n",
                "GET /hello HTTP/x.y\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost x\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nBad\u0001Name: y\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n"
            })
    void garbageIs400AndTheEnd(String garbage) {
        connection.send(garbage);

        assertThat(connection.received())
                .isEqualTo("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        + "30\r\n{\"reason\":\"malformed_request\",\"status\":\"error\"}\n\r\n0\r\n\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    /** The C++ publisher takes any answer for a success that comes in one write with a Content-Length. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api%2Fv1/publish HTTP/1.1\r\nHost: x\r\nUser-Agent: cvmfs/2.12.0\r\nContent-Length: 2\r\n\r\n{}",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nUser-Agent: cvmfs/2.12.0\r\nContent-Length: 2\r\n\r\n{",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nUser-Agent: cvm"
            })
    void aPublisherThatIsRefusedBeforeItsRequestIsReadTakesItForAFailure(String request) {
        connection.send(request);
        if (connection.isOpen()) {
            connection.letTimePass(TestLimits.REQUEST);
        }

        List<String> writes = connection.writes();
        assertThat(writes).hasSize(2);
        assertThat(writes.get(0))
                .startsWith("HTTP/1.1 4")
                .contains("\r\nTransfer-Encoding: chunked\r\n")
                .doesNotContain("Content-Length")
                .endsWith("\r\n\r\n");
        assertThat(writes.get(1)).containsPattern("^[0-9a-f]{2}\r\n\\{").endsWith("}\n\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET /hell%6f HTTP/1.0\r\n\r\n", "POST /api/v1/publish HTTP/1.0\r\nContent-Length: 2\r\n\r\n{"})
    void whoSpeaksHttp10IsRefusedWithoutChunks(String request) {
        connection.send(request);
        if (connection.isOpen()) {
            connection.letTimePass(TestLimits.REQUEST);
        }

        assertThat(connection.received())
                .startsWith("HTTP/1.1 4")
                .contains("\r\nConnection: close\r\n")
                .doesNotContain("chunked")
                .endsWith("\"status\":\"error\"}");
    }

    /** Whatever a proxy in front could read in another way than this one does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n",
                "POST /api/v1/publish HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n\tb\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
                "GET /hello HTTP/1.1\r\n Host: x\r\nHost: y\r\n\r\n",
                "GET /hell%6f HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /%68ello?a=b HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET http://x/hell%6F HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /hello%2F HTTP/1.1\r\nHost: x\r\n\r\n"
            })
    void whatOthersMayReadDifferentlyIs400AndTheEnd(String request) {
        for (int i = 0; i < request.length() && connection.isOpen(); i++) {
            connection.send(request.substring(i, i + 1));
        }

        assertThat(connection.received())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("\r\nConnection: close\r\n")
                .contains("{\"reason\":\"malformed_request\",\"status\":\"error\"}");
        assertThat(connection.isOpen()).isFalse();
        connectionInOnePiece(request);
    }

    private void connectionInOnePiece(String request) {
        TestConnection other = new TestConnection(proxy);
        other.send(request);

        assertThat(other.received()).startsWith("HTTP/1.1 400 Bad Request\r\n").doesNotContain("HTTP/1.1 2");
        other.disconnect();
    }

    @Test
    void aBodyThatLooksLikeAFoldedHeaderIsABody() {
        String body = Requests.message(NAME, 1).replace(", ", ",\r\n ");

        connection.send(Requests.publish(body)).send(Requests.publish(body));

        assertThat(connection.writes()).containsExactly(OK, OK);
    }

    @Test
    void chunkedMayBeWrittenInAnyCase() {
        connection.send(
                "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked \r\n\r\n2\r\n{}\r\n0\r\n\r\n");

        assertThat(connection.received()).contains("invalid_message");
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void lineBreaksBetweenRequestsAreSkipped() {
        connection.send("\r\n\r\n" + Requests.get("/hello"));

        assertThat(connection.received()).startsWith("HTTP/1.1 200 OK\r\n");
    }

    @Test
    void aRefusedRequestWithABodyEndsTheConnectionSoThatTheBodyIsNotTakenForARequest() {
        connection.send(Requests.request("PUT", "/api/v1/publish", Requests.get("/hello")));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("\r\nConnection: close\r\n")
                .doesNotContain("200 OK");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aClientThatSendsNothingIsDisconnected() {
        connection.letTimePass(TestLimits.REQUEST.minusMillis(1));
        assertThat(connection.isOpen()).isTrue();

        connection.letTimePass(Duration.ofMillis(1));

        assertThat(connection.isOpen()).isFalse();
        assertThat(connection.received()).isEmpty();
        assertThat(proxy.count("cvmfs_notify_connections_timed_out")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30, 150})
    void aRequestThatDripsIs408(int sent) {
        connection.send(Requests.publish(NAME, 1)).received();
        connection.letTimePass(Duration.ofSeconds(60));
        connection.send(Requests.publish(NAME, 2).substring(0, sent));

        connection.letTimePass(TestLimits.REQUEST.minusMillis(1));
        assertThat(connection.writes()).isEmpty();
        connection.letTimePass(Duration.ofMillis(1));

        assertThat(connection.received())
                .startsWith("HTTP/1.1 408 Request Timeout\r\n")
                .endsWith("{\"reason\":\"request_timeout\",\"status\":\"error\"}\n\r\n0\r\n\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aConnectionMayRestBetweenRequestsForTheIdleTime() {
        connection.send(Requests.get("/hello")).received();

        connection.letTimePass(TestLimits.IDLE.minusMillis(1));
        assertThat(connection.isOpen()).isTrue();
        connection.letTimePass(Duration.ofMillis(1));

        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aSlowLogIsNotTheClientsFault() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1));

        connection.letTimePass(TestLimits.REQUEST.multipliedBy(2));
        proxy.log.confirmOne();

        assertThat(connection.writes()).containsExactly(OK);
    }

    @Test
    void whoHasClosedItsHalfStillGetsItsAnswer() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1));

        connection.closeOutput();
        proxy.log.confirmOne();

        assertThat(connection.received()).endsWith(OK_BODY).contains("Connection: close");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void whoClosesItsHalfInTheMiddleOfAHeadIsToldSo() {
        connection.send("GET /hello HTTP/1.1\r\nHost: x\r\n");

        connection.closeOutput();

        assertThat(connection.received()).startsWith("HTTP/1.1 400 Bad Request\r\n");
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void whoLeavesBeforeTheConfirmDisturbsNobody() {
        proxy.log.holdConfirms();
        connection.send(Requests.publish(NAME, 1) + Requests.publish(NAME, 2));

        connection.disconnect();
        proxy.log.confirmOne();

        assertThat(proxy.log.unconfirmed()).isZero();
        assertThat(connection.received()).isEmpty();
    }

    @Test
    void shuttingDownClosesIdleConnectionsAndLetsAnswersOut() {
        proxy.log.holdConfirms();
        TestConnection idle = new TestConnection(proxy);
        connection.send(Requests.publish(NAME, 1));

        idle.shutDown();
        connection.shutDown();

        assertThat(idle.isOpen()).isFalse();
        assertThat(connection.isOpen()).isTrue();
        proxy.log.confirmOne();
        assertThat(connection.received()).endsWith(OK_BODY);
        assertThat(connection.isOpen()).isFalse();
    }
}
