package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.nio.ByteBuffer;

/** Server-sent events, in chunks or not: a message is the rest of a line that starts with {@code data: }, once its event ended. */
public final class EventStream implements StreamParser {

    private static final byte[] DATA = {'d', 'a', 't', 'a', ':', ' '};

    private final boolean chunked;

    public EventStream(boolean chunked) {
        this.chunked = chunked;
    }

    @Override
    public void parse(ByteBuffer in, StreamParser.Sink sink) {
        while (chunked ? nextChunk(in, sink) : nextEvent(in, sink)) {
            // All the work is done in the condition.
        }
    }

    private static boolean nextChunk(ByteBuffer in, StreamParser.Sink sink) {
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

    private static boolean nextEvent(ByteBuffer in, StreamParser.Sink sink) {
        for (int at = in.position() + 1; at < in.limit(); at++) {
            if (in.get(at) == '\n' && in.get(at - 1) == '\n') {
                findData(in, in.position(), at, sink);
                in.position(at + 1);
                return true;
            }
        }
        return false;
    }

    private static void findData(ByteBuffer in, int from, int to, StreamParser.Sink sink) {
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
