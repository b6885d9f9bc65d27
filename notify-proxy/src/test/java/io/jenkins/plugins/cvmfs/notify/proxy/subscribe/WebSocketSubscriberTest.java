package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscribing over a WebSocket, in golden frames. Each element of a list is one write. */
@ExtendWith(LeakGuard.class)
class WebSocketSubscriberTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final String NOT_JSON =
            Frames.fromServer(Frames.BINARY, "{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}");
    private static final String INVALID =
            Frames.fromServer(Frames.BINARY, "{\"reason\":\"invalid subscription message\",\"status\":\"error\"}");

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private TestConnection socket = new TestConnection(proxy);

    @BeforeEach
    void open() {
        socket.send(Requests.upgrade("/api/v1/subscribe")).received();
    }

    @AfterEach
    void disconnect() {
        socket.disconnect();
    }

    @Test
    void aSubscriptionIsNotAcknowledgedAndMessagesComeAsBinaryFrames() {
        socket.send(Frames.subscription(A));
        assertThat(socket.writes()).isEmpty();

        proxy.publish(A, 1);
        proxy.publish(A, 2);

        assertThat(socket.writes()).containsExactly(Frames.message(A, 1), Frames.message(A, 2));
    }

    @Test
    void theLastMessageIsReplayedAtOnce() {
        proxy.publish(A, 1);
        proxy.publish(A, 2);

        socket.send(Frames.subscription(A));

        assertThat(socket.writes()).containsExactly(Frames.message(A, 2));
    }

    @Test
    void subscribingMakesTheLogFollow() {
        socket.send(Frames.subscription(A));

        assertThat(proxy.log.calls).containsExactly("follow " + A);
    }

    @Test
    void severalRepositoriesShareASocket() {
        socket.send(Frames.subscription(A)).send(Frames.subscription(B));

        proxy.publish(B, 1);
        proxy.publish(A, 1);

        assertThat(socket.writes()).containsExactly(Frames.message(B, 1), Frames.message(A, 1));
    }

    @Test
    void repeatingASubscriptionReplaysTheLastMessageAndDoesNotDouble() {
        socket.send(Frames.subscription(A));
        proxy.publish(A, 1);
        assertThat(socket.writes()).containsExactly(Frames.message(A, 1));

        socket.send(Frames.subscription(A));
        proxy.publish(A, 2);

        assertThat(socket.writes()).containsExactly(Frames.message(A, 1), Frames.message(A, 2));
    }

    @Test
    void aTextFrameSubscribesToo() {
        socket.send(Frames.masked(Frames.TEXT, Requests.subscription(A)));

        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @Test
    void aMessageMayComeInFragmentsWithAPingBetween() {
        byte[] message = Requests.subscription(A).getBytes(UTF_8);
        socket.send(Frames.masked(false, Frames.BINARY, Arrays.copyOfRange(message, 0, 10)))
                .send(Frames.masked(false, Frames.CONTINUATION, Arrays.copyOfRange(message, 10, 10)))
                .send(Frames.masked(Frames.PING, "x"))
                .send(Frames.masked(true, Frames.CONTINUATION, Arrays.copyOfRange(message, 10, message.length)));

        assertThat(socket.writes()).containsExactly(Frames.fromServer(Frames.PONG, "x"));
        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @Test
    void aFrameMayComeByteByByte() {
        for (byte b : Frames.subscription(A)) {
            socket.send(new byte[] {b});
        }

        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "subscribe", "{\"version\":1}x", "\u00ff"})
    void whatIsNoJsonIsAnsweredAndTheSocketStaysOpen(String message) {
        socket.send(Frames.masked(Frames.BINARY, message));

        assertThat(socket.writes()).containsExactly(NOT_JSON);
        assertThat(socket.isOpen()).isTrue();
        assertThat(proxy.count("cvmfs_notify_subscriptions_refused", "reason", "invalid"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "7",
                "{\"repository\":\"a.example.org\"}",
                "{\"version\":1}",
                "{\"version\":1,\"repository\":7}",
                "{\"version\":1,\"repository\":\"no name\"}"
            })
    void whatIsNoSubscriptionIsAnsweredAndTheSocketStaysOpen(String message) {
        socket.send(Frames.masked(Frames.BINARY, message)).send(Frames.subscription(A));

        assertThat(socket.writes()).containsExactly(INVALID);
        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @Test
    void pingsAreAnsweredWithTheirPayload() {
        socket.send(Frames.masked(Frames.PING, "7"))
                .send(Frames.masked(Frames.PING, ""))
                .send(Frames.masked(Frames.PING, "x".repeat(125)));

        assertThat(socket.writes())
                .containsExactly(
                        Frames.fromServer(Frames.PONG, "7"),
                        Frames.fromServer(Frames.PONG, ""),
                        Frames.fromServer(Frames.PONG, "x".repeat(125)));
    }

    @Test
    void unsolicitedPongsAreIgnored() {
        socket.send(Frames.masked(Frames.PONG, "whatever"));

        assertThat(socket.writes()).isEmpty();
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void aCloseIsAnsweredWithItsOwnCode() {
        socket.send(Frames.subscription(A)).send(Frames.masked(Frames.CLOSE, "\u0003\u00e8bye"));

        assertThat(socket.writes()).containsExactly(Frames.close(1000, "bye"));
        assertThat(socket.isOpen()).isFalse();
        assertThat(proxy.subscribers(A)).isZero();
    }

    @Test
    void anEmptyCloseIsAnsweredWithAnEmptyOne() {
        socket.send(Frames.masked(Frames.CLOSE, ""));

        assertThat(socket.writes()).containsExactly(Frames.fromServer(Frames.CLOSE, ""));
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void aFrameOverTheLimitCloses1009() {
        socket.send(Frames.masked(Frames.BINARY, "x".repeat(4097)));

        assertThat(socket.writes()).containsExactly(Frames.close(1009, "Message too big"));
        assertThat(socket.isOpen()).isFalse();
        assertThat(proxy.count("cvmfs_notify_subscribers_cut_off", "reason", "message_too_big"))
                .isEqualTo(1);
    }

    @Test
    void aMessageOfTheLimitIsRead() {
        socket.send(Frames.masked(Frames.BINARY, "x".repeat(4096)));

        assertThat(socket.writes()).containsExactly(NOT_JSON);
    }

    @Test
    void fragmentsOverTheLimitTogetherClose1009() {
        socket.send(Frames.masked(false, Frames.BINARY, new byte[4096]));
        assertThat(socket.writes()).isEmpty();

        socket.send(Frames.masked(true, Frames.CONTINUATION, new byte[1]));

        assertThat(socket.writes()).containsExactly(Frames.close(1009, "Message too big"));
    }

    /** Each fragment costs what it brings, not what came before it. */
    @Test
    void aLongMessageInManyFragmentsIsNotCopiedForEachOfThem() {
        byte[] fragments = repeat(Frames.masked(false, Frames.CONTINUATION, new byte[0]), 2000);
        long afterNothing = bytesAllocatedFor(new byte[0], fragments);
        socket.disconnect();
        socket = new TestConnection(proxy);
        open();

        long afterMuch = bytesAllocatedFor(new byte[4090], fragments);

        assertThat(afterMuch - afterNothing).isLessThan(2_000_000);
        assertThat(socket.isOpen()).isTrue();
    }

    private long bytesAllocatedFor(byte[] begin, byte[] fragments) {
        socket.send(Frames.masked(false, Frames.BINARY, begin)).send(fragments);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        socket.send(fragments);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static byte[] repeat(byte[] frame, int times) {
        byte[] all = new byte[frame.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(frame, 0, all, i * frame.length, frame.length);
        }
        return all;
    }

    @Test
    void aMessageOfTheLimitInFragmentsOfOneByteIsRead() {
        socket.send(Frames.masked(false, Frames.BINARY, new byte[] {'x'}))
                .send(repeat(Frames.masked(false, Frames.CONTINUATION, new byte[] {'x'}), 4094))
                .send(Frames.masked(true, Frames.CONTINUATION, new byte[] {'x'}));
        assertThat(socket.writes()).containsExactly(NOT_JSON);

        socket.send(Frames.subscription(A));

        assertThat(proxy.subscribers(A)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0082\u0001x", // not masked
                "\u00c2\u0081\u0001\u0002\u0003\u0004x", // a reserved bit
                "\u0083\u0081\u0001\u0002\u0003\u0004x", // a reserved opcode
                "\u0080\u0081\u0001\u0002\u0003\u0004x", // a continuation of nothing
                "\u0009\u0081\u0001\u0002\u0003\u0004x", // a fragmented ping
                "\u0089\u00fe\u0000~\u0001\u0002\u0003\u0004", // a ping of 126 bytes
                "\u0088\u0081\u0001\u0002\u0003\u0004x", // a close with half a code
                "\u0082\u00fe\u0000\u0001\u0001\u0002\u0003\u0004x" // a length longer than it need be
            })
    void aBadFrameCloses1002(String frame) {
        socket.send(frame);

        assertThat(socket.writes()).containsExactly(Frames.close(1002, "Protocol error"));
        assertThat(socket.isOpen()).isFalse();
        assertThat(proxy.count("cvmfs_notify_subscribers_cut_off", "reason", "protocol_error"))
                .isEqualTo(1);
    }

    @Test
    void nothingAfterTheCloseIsHeeded() {
        byte[] close = Frames.masked(Frames.CLOSE, "");
        byte[] late = Frames.subscription(A);
        byte[] both = Arrays.copyOf(close, close.length + late.length);
        System.arraycopy(late, 0, both, close.length, late.length);

        socket.send(both);

        assertThat(proxy.subscribers(A)).isZero();
    }

    @Test
    void subscriptionsOverTheLimitAreRefusedAndTheRestKeepsWorking() {
        socket.send(Frames.subscription("r1")).send(Frames.subscription("r2")).send(Frames.subscription("r3"));

        socket.send(Frames.subscription("r4")).send(Frames.subscription("r3"));

        assertThat(socket.writes())
                .containsExactly(Frames.fromServer(
                        Frames.BINARY,
                        "{\"reason\":\"too_many_subscriptions\",\"status\":\"error\",\"repository\":\"r4\"}"));
        proxy.publish("r3", 1);
        assertThat(socket.writes()).containsExactly(Frames.message("r3", 1));
        assertThat(proxy.count("cvmfs_notify_subscriptions_refused", "reason", "too_many_subscriptions"))
                .isEqualTo(1);
    }

    @Test
    void newRepositoriesOverTheLimitAreRefused() {
        for (String name : new String[] {"r1", "r2", "r3", "r4", "r5"}) {
            proxy.publish(name, 1);
        }

        socket.send(Frames.subscription("r6"));

        assertThat(socket.writes())
                .containsExactly(Frames.fromServer(
                        Frames.BINARY,
                        "{\"reason\":\"too_many_repositories\",\"status\":\"error\",\"repository\":\"r6\"}"));
        assertThat(proxy.log.calls).doesNotContain("follow r6");
    }

    @Test
    void afterARevisionOnlyNewerLastValuesAreReplayed() {
        proxy.publish(A, 7);
        proxy.publish(B, 8);
        TestConnection resuming = new TestConnection(proxy);
        resuming.send(Requests.upgrade("/api/v1/subscribe?after=7")).received();

        resuming.send(Frames.subscription(A)).send(Frames.subscription(B));

        assertThat(resuming.writes()).containsExactly(Frames.message(B, 8));
        resuming.disconnect();
    }

    @Test
    void theQueryMaySubscribeAlready() {
        proxy.publish(A, 7);
        TestConnection direct = new TestConnection(proxy);

        direct.send(Requests.upgrade("/api/v1/subscribe?repository=" + A + "&repository=" + B));

        assertThat(direct.writes()).last().isEqualTo(Frames.message(A, 7));
        assertThat(proxy.subscribers(B)).isEqualTo(1);
        direct.disconnect();
    }

    @Test
    void framesSentTogetherWithTheRequestAreNotLost() {
        TestConnection hasty = new TestConnection(proxy);
        byte[] request = Requests.upgrade("/api/v1/subscribe").getBytes(UTF_8);
        byte[] frame = Frames.subscription(A);
        byte[] both = Arrays.copyOf(request, request.length + frame.length);
        System.arraycopy(frame, 0, both, request.length, frame.length);

        hasty.send(both);

        assertThat(proxy.subscribers(A)).isEqualTo(1);
        hasty.disconnect();
    }

    @Test
    void whenTheClientGoesItsSubscriptionsGo() {
        socket.send(Frames.subscription(A));
        assertThat(proxy.gauge("cvmfs_notify_subscribers", "kind", "web_socket"))
                .isEqualTo(1);

        socket.disconnect();

        assertThat(proxy.subscribers(A)).isZero();
        assertThat(proxy.gauge("cvmfs_notify_subscribers", "kind", "web_socket"))
                .isZero();
    }

    @Test
    void shuttingDownCloses1001() {
        socket.shutDown();

        assertThat(socket.writes()).containsExactly(Frames.close(1001, "Endpoint unavailable"));
        assertThat(socket.isOpen()).isFalse();
    }
}
