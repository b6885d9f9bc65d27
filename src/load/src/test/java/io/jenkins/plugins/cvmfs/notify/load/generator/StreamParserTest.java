package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamParserTest {

    private static final String MESSAGE =
            new String(new Numbered(0x1234abcd, 7).message(1_000_000_042, 99), ISO_8859_1);

    private final List<String> found = new ArrayList<>();
    private final StreamParser.Sink sink = new StreamParser.Sink() {
        @Override
        public void message(ByteBuffer buffer, int start, int length) {
            assertThat(length).isGreaterThanOrEqualTo(MESSAGE.length());
            found.add(Numbered.repository(buffer, start) + "/" + Numbered.sequence(buffer, start));
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
        int left = parse(new StreamParser.WebSocketFrames(), frame + frame.substring(0, frame.length() - 1));

        // Then
        assertThat(found).containsExactly("7/1000000042");
        assertThat(left).isEqualTo(frame.length() - 1);
    }

    @Test
    void aPingIsNoMessage() {
        // When
        int left = parse(new StreamParser.WebSocketFrames(), "\u0089\u0000" + "\u0082");

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
        int left = parse(new StreamParser.EventStream(true), "3\r\n:\n\n\r\n" + sized + sized.substring(0, 700));

        // Then
        assertThat(found).containsExactly("7/1000000042");
        assertThat(left).isEqualTo(700);
    }

    @Test
    void anEventWithoutChunksCountsWhenItsBlankLineHasCome() {
        // When
        int left = parse(
                new StreamParser.EventStream(false), ":hi\n\nid: 1\ndata: " + MESSAGE + "\n\ndata: " + MESSAGE + "\n");

        // Then
        assertThat(found).containsExactly("7/1000000042");
        assertThat(left).isEqualTo(MESSAGE.length() + 7);
    }

    @Test
    void aMessageHasTheLengthAskedForAndItsNumbersWhereReceiversLook() {
        assertThat(MESSAGE).hasSize(1025).contains("r000007.load.example.org");
        String manifest = MESSAGE.substring(MESSAGE.indexOf("manifest\":\"") + 11, MESSAGE.indexOf("\",\"filler"));
        assertThat(new String(Base64.getDecoder().decode(manifest), ISO_8859_1)).contains("\nS1000000042\n");
        assertThat(Numbered.dueNanos(ByteBuffer.wrap(MESSAGE.getBytes(ISO_8859_1)), 0))
                .isEqualTo(99);
    }

    private int parse(StreamParser parser, String bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        parser.parse(buffer, sink);
        return buffer.remaining();
    }
}
