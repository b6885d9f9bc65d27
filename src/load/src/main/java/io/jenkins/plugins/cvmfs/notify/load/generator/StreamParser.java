package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.nio.ByteBuffer;

/** Finds messages in what a server sends after its answer's head. Stateless: what is not whole stays in the buffer. */
public interface StreamParser {

    /** Hands on every whole message and leaves the position after the last. */
    void parse(ByteBuffer in, Sink sink);

    /** Takes what a parser finds. */
    interface Sink {

        /** A whole message has been read; it starts here in the buffer and is so long. */
        void message(ByteBuffer buffer, int start, int length);

        /** The server wants a sign of life. */
        void ping();
    }

    /** Unfragmented WebSocket frames as servers send them; text and binary are messages. */
    final class WebSocketFrames implements StreamParser {

        private static final int TEXT = 0x81;
        private static final int BINARY = 0x82;
        private static final int PING = 0x89;

        @Override
        public void parse(ByteBuffer in, Sink sink) {
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
                if (kind == TEXT || kind == BINARY) {
                    sink.message(in, start + head, length);
                } else if (kind == PING) {
                    sink.ping();
                }
                in.position(start + head + length);
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

    /** Server-sent events, in chunks or not: a message is the rest of a line that starts with {@code data: }, once its event ended. */
    final class EventStream implements StreamParser {

        private static final byte[] DATA = {'d', 'a', 't', 'a', ':', ' '};

        private final boolean chunked;

        public EventStream(boolean chunked) {
            this.chunked = chunked;
        }

        @Override
        public void parse(ByteBuffer in, Sink sink) {
            while (chunked ? nextChunk(in, sink) : nextEvent(in, sink)) {
                // All the work is done in the condition.
            }
        }

        private static boolean nextChunk(ByteBuffer in, Sink sink) {
            int at = in.position();
            int size = 0;
            int digit;
            while (at < in.limit() && (digit = Character.digit(in.get(at), 16)) >= 0) {
                size = size * 16 + digit;
                at++;
            }
            int end = at + 2 + size + 2;
            if (end > in.limit()) {
                return false;
            }
            findData(in, at + 2, at + 2 + size, sink);
            in.position(end);
            return true;
        }

        private static boolean nextEvent(ByteBuffer in, Sink sink) {
            for (int at = in.position() + 1; at < in.limit(); at++) {
                if (in.get(at) == '\n' && in.get(at - 1) == '\n') {
                    findData(in, in.position(), at, sink);
                    in.position(at + 1);
                    return true;
                }
            }
            return false;
        }

        private static void findData(ByteBuffer in, int from, int to, Sink sink) {
            int line = from;
            while (line + DATA.length < to) {
                if (isData(in, line)) {
                    sink.message(in, line + DATA.length, to - line - DATA.length);
                    return;
                }
                while (line < to && in.get(line) != '\n') {
                    line++;
                }
                line++;
            }
        }

        private static boolean isData(ByteBuffer in, int at) {
            for (int i = 0; i < DATA.length; i++) {
                if (in.get(at + i) != DATA[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
