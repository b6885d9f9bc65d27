package io.jenkins.plugins.cvmfs.notify.load.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamParserTest {

    private static final String MESSAGE = new String(new Numbered(0x1234abcd, 1025).message(7, 42), ISO_8859_1);

    private final List<String> found = new ArrayList<>();
    private final MessageSink sink = new MessageSink() {
        @Override
        public void message(ByteBuffer buffer, int start, int length) {
            assertThat(length).isGreaterThanOrEqualTo(MESSAGE.length());
            found.add(Numbered.repository(buffer, start) + "/" + Numbered.sequence(buffer, start));
        }

        @Override
        public void subscribed() {
            found.add("subscribed");
        }

        @Override
        public void ping() {
            found.add("ping");
        }
    };

    @Test
    void aFrameCountsOnlyWhenItsLastByteHasCome() {
        // Given
        String frame = "\u0082~\u0004\u0001" + MESSAGE;

        // When
        int left = parse(new WebSocketFrames(), frame + frame.substring(0, frame.length() - 1));

        // Then
        assertThat(found).containsExactly("7/42");
        assertThat(left).isEqualTo(frame.length() - 1);
    }

    @Test
    void aPingIsNoMessage() {
        // When
        int left = parse(new WebSocketFrames(), "\u0089\u0000" + "\u0082");

        // Then
        assertThat(found).containsExactly("ping");
        assertThat(left).isEqualTo(1);
    }

    @Test
    void anEventInAChunkCountsAndACommentDoesNot() {
        // Given
        String event = "40b\r\ndata: " + MESSAGE + "\nid: a:1\n\n";
        String sized = Integer.toHexString(event.length() - 5) + event.substring(3) + "\r\n";

        // When
        int left = parse(new EventStream(true), "3\r\n:\n\n\r\n" + sized + sized.substring(0, 700));

        // Then
        assertThat(found).containsExactly("7/42");
        assertThat(left).isEqualTo(700);
    }

    @Test
    void anEventWithoutChunksCountsWhenItsBlankLineHasCome() {
        // When
        int left = parse(new EventStream(false), ":hi\n\nid: 1\ndata: " + MESSAGE + "\n\ndata: " + MESSAGE + "\n");

        // Then
        assertThat(found).containsExactly("7/42");
        assertThat(left).isEqualTo(MESSAGE.length() + 7);
    }

    @Test
    void ofMqttTheSubscriptionsConfirmationAndWhatIsPublishedCount() {
        // Given: SUBACK, then PUBLISH of 2 + 6 + 1025 bytes (0x89 0x08), in a frame of 1036
        String suback = "\u0082\u0005\u0090\u0003\u0000\u0001\u0000";
        String publish = "\u0082~\u0004\u000c" + "0\u0089\u0008\u0000\u0006a/b/cd" + MESSAGE;

        // When
        int left = parse(
                Dialect.WEB_MQTT.parser(SubscriberKind.WEB_SOCKET, ""), suback + publish + suback.substring(0, 4));

        // Then
        assertThat(found).containsExactly("subscribed", "7/42");
        assertThat(left).isEqualTo(4);
    }

    @Test
    void ofStompTheReceiptAndTheMessageCount() {
        // Given
        String receipt = "RECEIPT\nreceipt-id:1\n\n\u0000";
        String stomp = "MESSAGE\nsubscription:0\n\n" + MESSAGE + "\u0000";
        String frames = "\u0081" + (char) receipt.length() + receipt + "\u0081~" + (char) (stomp.length() >> 8)
                + (char) (stomp.length() & 0xff) + stomp;

        // When
        int left = parse(Dialect.WEB_STOMP.parser(SubscriberKind.WEB_SOCKET, ""), frames);

        // Then
        assertThat(found).containsExactly("subscribed", "7/42");
        assertThat(left).isZero();
    }

    @Test
    void aMessageHasTheLengthAskedFor() {
        assertThat(MESSAGE).hasSize(1025);
    }

    private int parse(StreamParser parser, String bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        parser.parse(buffer, sink);
        return buffer.remaining();
    }
}
