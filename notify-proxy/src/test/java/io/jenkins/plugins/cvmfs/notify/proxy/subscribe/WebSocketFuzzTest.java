package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.CaughtFailures;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Frames on an open WebSocket, damaged as bytes, and undamaged frames with damaged subscriptions in them. */
@ExtendWith(LeakGuard.class)
class WebSocketFuzzTest {

    private static final String UPGRADE = Requests.upgrade("/api/v1/subscribe");
    private static final List<Integer> SERVER_FRAMES = List.of(Frames.BINARY, Frames.CLOSE, Frames.PING, Frames.PONG);

    private TestProxy proxy;

    private void startProxy() {
        proxy = new TestProxy(TestLimits.small());
        proxy.publish("a.example.org", 7);
    }

    private static byte[] frames(byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Arrays.stream(frames).forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Test
    void anyFramesAreAnsweredWithFramesOrACloseAndLeaveNothingBehind() {
        byte[] ping = Frames.masked(Frames.PING, "x");
        byte[] close = Frames.masked(Frames.CLOSE, "\u0003\u00e8bye");
        byte[] first = Frames.masked(false, Frames.BINARY, "{\"version\":1,".getBytes(ISO_8859_1));
        byte[] second =
                Frames.masked(true, Frames.CONTINUATION, "\"repository\":\"b.example.org\"}".getBytes(ISO_8859_1));
        Fuzz fuzz = Fuzz.of(
                        frames(Frames.subscription("a.example.org"), ping, close),
                        frames(first, ping, second, Frames.subscription("a.example.org")),
                        frames(Frames.masked(Frames.TEXT, Requests.subscription("c.example.org")), close),
                        frames(Frames.masked(Frames.PONG, ""), Frames.masked(Frames.BINARY, " ".repeat(300))))
                .words(
                        new String(ping, ISO_8859_1),
                        new String(first, ISO_8859_1),
                        new String(Frames.subscription("d.example.org"), ISO_8859_1),
                        "\u0082\u00ff\u0000\u0000\u0000\u0000\u007f\u00ff\u00ff\u00ff",
                        "\u0082\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
                        "\u0089\u00fe\u0010\u0000",
                        "\u0088\u0081\u0000\u0000\u0000\u0000x");

        converseWith(fuzz, input -> input);
    }

    @Test
    void anySubscriptionIsAnsweredAndTheConnectionGoesOn() {
        Fuzz fuzz = Fuzz.of(
                        Requests.subscription("a.example.org"),
                        "{\"repository\":\"\u00c3\u00a9.example.org\",\"version\":4294967296,\"x\":[[{}]]}",
                        "{\"version\":1,\"repository\":\"a.example.org\",\"repository\":\"b.example.org\"}")
                .words("[", "{\"a\":", "\"repository\":", "\"version\":1,", "null", "]", "}");

        converseWith(fuzz, input -> {
            byte[] payload = Arrays.copyOf(input, Math.min(input.length, 2_000));
            return frames(Frames.masked(true, Frames.BINARY, payload), Frames.masked(Frames.PING, "still there?"));
        });
    }

    private void converseWith(Fuzz fuzz, UnaryOperator<byte[]> sent) {
        startProxy();
        int[] count = {0};
        try (CaughtFailures caught = CaughtFailures.of(TestProxy.CONNECTION, Frames.SUBSCRIBER)) {
            fuzz.each(5_000, (input, random) -> {
                if (++count[0] % 500 == 0) {
                    startProxy();
                }
                byte[] bytes = sent.apply(input);
                String answers = converse(bytes, random);
                if (bytes != input) {
                    assertThat(answers).contains(Frames.fromServer(Frames.PONG, "still there?"));
                }
                assertThat(caught.all()).isEmpty();
            });
        }
        TestConnection healthy = new TestConnection(proxy).send(UPGRADE).send(Frames.subscription("a.example.org"));
        assertThat(healthy.received()).endsWith(Frames.message("a.example.org", 7));
        healthy.disconnect();
    }

    private String converse(byte[] bytes, Random random) {
        TestConnection connection = new TestConnection(proxy).send(UPGRADE);
        assertThat(connection.received()).startsWith("HTTP/1.1 101 ");
        for (int from = 0; from < bytes.length && connection.isOpen(); ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextBoolean() ? 20 : bytes.length));
            connection.send(Arrays.copyOfRange(bytes, from, to));
            from = to;
        }
        proxy.publish("a.example.org", 7);
        String answers = connection.received();
        assertWholeFrames(answers);
        connection.disconnect();
        assertThat(proxy.subscribers()).isZero();
        assertThat(proxy.subscribers("a.example.org")).isZero();
        return answers;
    }

    private static void assertWholeFrames(String answers) {
        int at = 0;
        while (at < answers.length()) {
            assertThat(SERVER_FRAMES).contains(answers.charAt(at) - 0x80);
            int length = answers.charAt(at + 1);
            int head = length == 126 ? 4 : 2;
            assertThat(length).isLessThan(127);
            at += head + (length == 126 ? answers.charAt(at + 2) << 8 | answers.charAt(at + 3) : length);
        }
        assertThat(at).isEqualTo(answers.length());
    }
}
