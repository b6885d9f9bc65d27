package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.nio.ByteBuffer;

/** Unfragmented WebSocket frames as servers send them; text and binary are messages. */
public final class WebSocketFrames implements StreamParser {

    private static final int TEXT = 0x81;
    private static final int BINARY = 0x82;
    private static final int PING = 0x89;

    @Override
    public void parse(ByteBuffer in, StreamParser.Sink sink) {
        while (in.remaining() >= 2) {
            int start = in.position();
            int kind = in.get(start) & 0xff;
            int length = in.get(start + 1) & 0x7f;
            int head = 2;
            if (length == 126) {
                head = 4;
                if (in.remaining() < head) {
                    return;
                }
                length = in.getShort(start + 2) & 0xffff;
            } else if (length == 127) {
                throw new IllegalStateException("a frame longer than 64 KiB; none was published");
            }
            if (in.remaining() < head + length) {
                return;
            }
            tell(kind, in, start + head, length, sink);
            in.position(start + head + length);
        }
    }

    private static void tell(int kind, ByteBuffer in, int start, int length, StreamParser.Sink sink) {
        if (kind == TEXT || kind == BINARY) {
            sink.message(in, start, length);
        } else if (kind == PING) {
            sink.ping();
        }
    }

    /** A masked binary frame with this payload of at most 125 bytes; the mask is zero, which servers must accept. */
    public static byte[] toServer(byte[] payload) {
        return masked(BINARY, payload);
    }

    /** Returns the answer to a ping without payload. */
    public static byte[] pong() {
        return masked(0x8a, new byte[0]);
    }

    private static byte[] masked(int kind, byte[] payload) {
        return ByteBuffer.allocate(6 + payload.length)
                .put((byte) kind)
                .put((byte) (0x80 | payload.length))
                .putInt(0)
                .put(payload)
                .array();
    }
}
