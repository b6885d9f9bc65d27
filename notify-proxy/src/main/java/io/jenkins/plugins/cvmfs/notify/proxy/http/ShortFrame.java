package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.ByteBuffer;

/** WebSocket control frames and replies, of at most 64 KiB. Unmasked and final, as a server sends them. */
final class ShortFrame {

    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    private static final int FINAL = 0x80;
    private static final int LONGEST_CONTROL = 125;
    private static final int LENGTH_FOLLOWS = 126;
    private static final int LONGEST = 0xFFFF;

    private ShortFrame() {}

    static byte[] of(int opcode, byte[] payload) {
        int longest = opcode >= CLOSE ? LONGEST_CONTROL : LONGEST;
        if (payload.length > longest) {
            throw new IllegalArgumentException(
                    "payload has %d bytes, allowed are %d".formatted(payload.length, longest));
        }
        if (payload.length > LONGEST_CONTROL) {
            return ByteBuffer.allocate(4 + payload.length)
                    .put((byte) (FINAL | opcode))
                    .put((byte) LENGTH_FOLLOWS)
                    .putShort((short) payload.length)
                    .put(payload)
                    .array();
        }
        return ByteBuffer.allocate(2 + payload.length)
                .put((byte) (FINAL | opcode))
                .put((byte) payload.length)
                .put(payload)
                .array();
    }

    /** A close frame whose reason is the status' own text. */
    static byte[] close(WebSocketCloseStatus status) {
        byte[] reason = status.reasonText().getBytes(UTF_8);
        return of(
                CLOSE,
                ByteBuffer.allocate(2 + reason.length)
                        .putShort((short) status.code())
                        .put(reason)
                        .array());
    }
}
