package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden bytes: what each kind of subscriber reads off the wire for one announcement. */
class WireFormatTest {

    private static final String JSON = message("");

    @Test
    void aBareEventIsOneChunkOfTheDataLineAlone() {
        assertThat(text(WireFormat.BARE_EVENT, JSON))
                .isEqualTo("%x\r\ndata: %s\n\n\r\n".formatted(JSON.length() + 8, JSON));
    }

    @Test
    void anEventHasItsIdAfterTheDataInTheSameChunk() {
        assertThat(text(WireFormat.EVENT, JSON))
                .isEqualTo("%x\r\ndata: %s\nid: epoch1:42\n\n\r\n".formatted(JSON.length() + 22, JSON));
    }

    @Test
    void withoutChunksOnlyTheEventIsLeft() {
        assertThat(text(WireFormat.UNCHUNKED_BARE_EVENT, JSON)).isEqualTo("data: " + JSON + "\n\n");
        assertThat(text(WireFormat.UNCHUNKED_EVENT, JSON)).isEqualTo("data: " + JSON + "\nid: epoch1:42\n\n");
    }

    @Test
    void lineBreaksBetweenTokensBecomeSpacesInEvents() {
        String pretty = JSON.replace(",", ",\r\n");

        assertThat(text(WireFormat.UNCHUNKED_BARE_EVENT, pretty))
                .isEqualTo("data: " + JSON.replace(",", ",  ") + "\n\n");
    }

    @Test
    void aWebSocketFrameHoldsTheMessageByteForByte() {
        String pretty = JSON.replace(",", ",\r\n");

        byte[] frame = bytes(WireFormat.WEB_SOCKET, pretty);

        assertThat(frame)
                .isEqualTo(ByteBuffer.allocate(4 + pretty.length())
                        .put((byte) 0x82)
                        .put((byte) 126)
                        .putShort((short) pretty.length())
                        .put(pretty.getBytes(UTF_8))
                        .array());
    }

    @ParameterizedTest
    @CsvSource({"65535, 827effff", "65536, 827f0000000000010000", "70000, 827f0000000000011170"})
    void theLengthOfALongFrameIsWrittenAsRfc6455Says(int length, String header) {
        byte[] frame = bytes(WireFormat.WEB_SOCKET, message("x".repeat(length - JSON.length())));

        assertThat(frame).hasSize(header.length() / 2 + length);
        assertThat(ByteBufUtil.hexDump(frame)).startsWith(header);
    }

    /** An unknown key of any length makes a message of any length. */
    private static String message(String padding) {
        return ("{\"version\":1,\"timestamp\":\"now\",\"type\":\"activity\",\"repository\":\"a.example.org\","
                        + "\"manifest\":\"QzAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1NjcKUmQ0MWQ4Y2Q5OGYwMGIyMDRl"
                        + "OTgwMDk5OGVjZjg0MjdlCkQyNDAKUzEK\",\"padding\":\"%s\"}")
                .formatted(padding);
    }

    private static String text(WireFormat format, String json) {
        return new String(bytes(format, json), UTF_8);
    }

    private static byte[] bytes(WireFormat format, String json) {
        Announcement announcement = new Announcement(
                ActivityMessage.parse(json.getBytes(UTF_8)), new LogPosition("epoch1", 42), Instant.EPOCH);
        ByteBuf buffer = format.encode(announcement, UnpooledByteBufAllocator.DEFAULT);
        try {
            return ByteBufUtil.getBytes(buffer);
        } finally {
            buffer.release();
        }
    }
}
