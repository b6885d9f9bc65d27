package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers that nobody reads: how much memory they may take, and for how long. */
@ExtendWith(LeakGuard.class)
class UnreadAnswersTest {

    private static final String LONG_ANSWER = "x".repeat(100_000);
    private static final String GET_LONG_ANSWER = Requests.get("/long");

    /** Room for one long answer. */
    private final TestProxy proxy = new TestProxy(TestLimits.withRoomForOneLongBody());

    private final List<TestConnection> connections = new ArrayList<>();
    private final TestConnection unread = connection();

    private TestConnection connection() {
        TestConnection connection = new TestConnection(proxy);
        connections.add(connection);
        return connection;
    }

    @AfterEach
    void disconnect() {
        connections.forEach(TestConnection::disconnect);
        assertThat(proxy.gauge("cvmfs_notify_unread_answer_bytes")).isZero();
    }

    private void leaveALongAnswerUnread() {
        proxy.hello.longText(LONG_ANSWER);
        unread.stopReading();
        unread.send(GET_LONG_ANSWER);
    }

    @Test
    void whoDoesNotReadItsAnswerIsCutOffAfterTheStalledTime() {
        leaveALongAnswerUnread();
        unread.letTimePass(TestLimits.STALLED.minusMillis(1));
        assertThat(unread.isOpen()).isTrue();

        unread.letTimePass(Duration.ofMillis(1));

        assertThat(unread.isOpen()).isFalse();
        assertThat(proxy.count("cvmfs_notify_answers_unread")).isEqualTo(1);
    }

    @Test
    void whatWasSentAheadMeanwhileDoesNotMakeItLonger() {
        leaveALongAnswerUnread();
        unread.letTimePass(Duration.ofSeconds(50));
        unread.send(Requests.get("/hello"));

        unread.letTimePass(Duration.ofSeconds(10));

        assertThat(unread.isOpen()).isFalse();
    }

    @Test
    void whoReadsInTimeGoesOnWithTheNextRequest() {
        leaveALongAnswerUnread();
        unread.letTimePass(Duration.ofSeconds(50));
        unread.send(Requests.get("/hello"));

        unread.readAgain();

        assertThat(unread.received()).contains(LONG_ANSWER).endsWith("\r\n\r\ngr\u00c3\u00bcezi\n");
        unread.letTimePass(TestLimits.STALLED);
        assertThat(unread.isOpen()).isTrue();
    }

    @Test
    void aLongLastAnswerMayTakeItsTime() {
        proxy.hello.longText(LONG_ANSWER);
        unread.stopReading();
        unread.send(Requests.get("/long", "Connection: close\r\n"));
        unread.letTimePass(Duration.ofSeconds(ConnectionClose.LINGER_SECONDS + 1));
        assertThat(unread.isOpen()).isTrue();

        unread.readAgain();

        assertThat(unread.received()).endsWith(LONG_ANSWER);
        assertThat(unread.isOpen()).isFalse();
    }

    @Test
    void nextToLongAnswersThatNobodyReadsOnlyShortOnesAreGiven() {
        leaveALongAnswerUnread();
        assertThat(proxy.gauge("cvmfs_notify_unread_answer_bytes")).isBetween(90_000.0, 100_000.0);

        TestConnection other = connection().send(GET_LONG_ANSWER);

        assertThat(other.received())
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("\r\nRetry-After: 1\r\n")
                .endsWith("{\"reason\":\"too_many_unread\",\"status\":\"error\"}");
        assertThat(other.send(Requests.get("/hello")).received()).startsWith("HTTP/1.1 200 OK\r\n");

        unread.readAgain();
        assertThat(other.send(GET_LONG_ANSWER).received()).endsWith(LONG_ANSWER);
    }

    @Test
    void whoLeavesWithoutReadingGivesItsMemoryBack() {
        leaveALongAnswerUnread();

        unread.disconnect();

        assertThat(connection().send(GET_LONG_ANSWER).received()).endsWith(LONG_ANSWER);
    }

    @Test
    void aClientThatSendsAheadHasOneUnreadAnswerAtMost() {
        unread.stopReading();

        unread.send(Requests.get("/hello").repeat(10));

        assertThat(unread.writes()).hasSize(1);
        unread.readAgain();
        assertThat(unread.writes()).hasSize(9);
    }

    /** Its connection had no deadline any more, and stayed open until the process ended. */
    @Test
    void anAnswerForWhichThereIsNoMemoryEndsItsConnection() {
        unread.runOutOfMemory();

        unread.send(Requests.publish("test.example.org", 1));

        assertThat(unread.isOpen()).isFalse();
    }

    @Test
    void aStreamForWhichThereIsNoMemoryEndsItsConnection() {
        for (String stream :
                List.of(Requests.get("/api/v1/subscribe?repository=a"), Requests.upgrade("/api/v1/subscribe"))) {
            TestConnection connection = connection();
            connection.runOutOfMemory();

            connection.send(stream);

            assertThat(connection.isOpen()).as(stream).isFalse();
        }
    }
}
