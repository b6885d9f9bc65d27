package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A WebSocket over time, and one whose client does not read. The server pings every 50 s; the idle limit is 120 s. */
@ExtendWith(LeakGuard.class)
class WebSocketLivenessTest {

    private static final String A = "a.example.org";
    private static final String PING = Frames.fromServer(Frames.PING, "");

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection socket = new TestConnection(proxy);

    @BeforeEach
    void open() {
        socket.send(Requests.upgrade("/api/v1/subscribe"))
                .send(Frames.subscription(A))
                .received();
        socket.letTimePass(TestLimits.PING);
        socket.received();
    }

    @AfterEach
    void disconnect() {
        socket.disconnect();
    }

    @Test
    void aSilentSocketIsPingedAndInTheEndClosed() {
        socket.letTimePass(TestLimits.PING);
        assertThat(socket.writes()).containsExactly(PING);
        socket.letTimePass(TestLimits.PING);
        assertThat(socket.writes()).containsExactly(PING);

        socket.letTimePass(TestLimits.PING);

        assertThat(socket.writes()).containsExactly(Frames.close(1001, "Endpoint unavailable"));
        assertThat(socket.isOpen()).isFalse();
        assertThat(proxy.subscribers(A)).isZero();
        assertThat(proxy.count("cvmfs_notify_subscribers_cut_off", "reason", "idle"))
                .isEqualTo(1);
    }

    @Test
    void aSocketThatAnswersPingsLives() {
        for (int i = 0; i < 10; i++) {
            socket.letTimePass(TestLimits.PING);
            socket.send(Frames.masked(Frames.PONG, ""));
        }

        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void aFrameThatDripsByteByByteIsCutOffAlthoughAnnouncementsComeMeanwhile() {
        byte[] frame = Frames.subscription(A);
        int sent = 0;
        for (int turn = 1; socket.isOpen() && sent < frame.length - 1; turn++) {
            proxy.publish(A, turn);
            socket.send(new byte[] {frame[sent++]});
            socket.letTimePass(Duration.ofSeconds(10));
        }

        assertThat(sent).isLessThan(20);
        assertThat(socket.received()).endsWith(Frames.close(1008, "Policy violation"));
        assertThat(proxy.count("cvmfs_notify_subscribers_cut_off", "reason", "slow_message"))
                .isEqualTo(1);
    }

    @Test
    void framesInQuickSuccessionAreNoSlowMessage() {
        for (int i = 0; i < 10; i++) {
            byte[] ping = Frames.masked(Frames.PING, "x");
            socket.send(Arrays.copyOf(ping, 2)).send(Arrays.copyOfRange(ping, 2, ping.length));
            socket.letTimePass(TestLimits.PING);
        }

        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void deliveredMessagesKeepASocketAliveAndMakePingsUnnecessary() {
        for (int i = 1; i <= 10; i++) {
            proxy.publish(A, i);
            socket.letTimePass(TestLimits.PING);
        }

        assertThat(socket.writes()).hasSize(10).doesNotContain(PING);
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void whileAClientDoesNotReadItIsNotReadEither() {
        socket.stopReading();

        for (int i = 0; i < 100; i++) {
            proxy.publish(A, i);
            socket.writes();
        }

        assertThat(socket.isReading()).isFalse();
        socket.readAgain();
        assertThat(socket.isReading()).isTrue();
        assertThat(socket.writes()).last().isEqualTo(Frames.message(A, 99));
    }

    @Test
    void shuttingDownSendsWhatWasKeptBackBeforeItCloses() {
        socket.stopReading();
        for (int i = 0; i < 100; i++) {
            proxy.publish(A, i);
        }
        socket.writes();

        socket.shutDown();

        assertThat(socket.writes()).containsExactly(Frames.message(A, 99), Frames.close(1001, "Endpoint unavailable"));
    }

    @Test
    void aClientThatReadsNothingForTheStalledTimeIsCutOff() {
        socket.stopReading();
        for (int i = 0; i < 100; i++) {
            proxy.publish(A, i);
        }
        socket.writes();

        socket.letTimePass(TestLimits.STALLED.minus(Duration.ofMillis(1)));
        assertThat(socket.isOpen()).isTrue();
        socket.letTimePass(Duration.ofMillis(1));

        assertThat(socket.isOpen()).isFalse();
        assertThat(proxy.subscribers(A)).isZero();
        assertThat(proxy.count("cvmfs_notify_subscribers_cut_off", "reason", "stalled"))
                .isEqualTo(1);
    }
}
