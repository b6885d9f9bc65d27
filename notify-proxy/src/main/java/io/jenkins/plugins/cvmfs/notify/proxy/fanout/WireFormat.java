package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** How an announcement looks on the wire, from the first byte to the last; docs/protocol.md has the rules. */
public enum WireFormat {
    /** One unmasked, final, binary WebSocket frame. */
    WEB_SOCKET(false, false) {
        @Override
        ByteBuf encode(Announcement announcement, ByteBufAllocator allocator) {
            byte[] json = announcement.message().raw();
            ByteBuf frame = allocator.directBuffer(LONGEST_FRAME_HEADER + json.length);
            frame.writeByte(FINAL_BINARY);
            if (json.length < 126) {
                frame.writeByte(json.length);
            } else if (json.length < 0x10000) {
                frame.writeByte(126).writeShort(json.length);
            } else {
                frame.writeByte(127).writeLong(json.length);
            }
            return frame.writeBytes(json);
        }
    },
    /** A server-sent event of the data line alone, as one HTTP chunk: what the C++ clients can read. */
    BARE_EVENT(true, false),
    /** A server-sent event with its id, as one HTTP chunk. */
    EVENT(true, true),
    /** {@link #BARE_EVENT} without chunks, for HTTP/1.0. */
    UNCHUNKED_BARE_EVENT(false, false),
    /** {@link #EVENT} without chunks, for HTTP/1.0. */
    UNCHUNKED_EVENT(false, true);

    private static final int FINAL_BINARY = 0x82;
    private static final int LONGEST_FRAME_HEADER = 10;
    private static final int LONGEST_CHUNK_FRAME = 12;
    private static final byte[] DATA = "data: ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};

    private final boolean chunked;
    private final boolean withId;

    WireFormat(boolean chunked, boolean withId) {
        this.chunked = chunked;
        this.withId = withId;
    }

    /** The announcement in a buffer of its own, which the caller releases. */
    ByteBuf encode(Announcement announcement, ByteBufAllocator allocator) {
        byte[] json = announcement.message().raw();
        byte[] tail = (withId ? "\nid: " + announcement.position() + "\n\n" : "\n\n").getBytes(US_ASCII);
        int length = DATA.length + json.length + tail.length;
        ByteBuf event = allocator.directBuffer(LONGEST_CHUNK_FRAME + length);
        if (chunked) {
            event.writeCharSequence(Integer.toHexString(length), US_ASCII);
            event.writeBytes(CRLF);
        }
        event.writeBytes(DATA);
        writeOnOneLine(json, event);
        event.writeBytes(tail);
        return chunked ? event.writeBytes(CRLF) : event;
    }

    /** Line breaks can only stand between the tokens of valid JSON, where a space means the same. */
    private static void writeOnOneLine(byte[] json, ByteBuf event) {
        int start = event.writerIndex();
        event.writeBytes(json);
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                event.setByte(start + i, ' ');
            }
        }
    }
}
