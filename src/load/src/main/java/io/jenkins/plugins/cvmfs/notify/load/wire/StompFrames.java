package io.jenkins.plugins.cvmfs.notify.load.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** STOMP 1.2 in WebSocket frames, as RabbitMQ speaks it: one frame in each. */
final class StompFrames implements StreamParser {

    private final WebSocketFrames frames = new WebSocketFrames();

    @Override
    public void parse(ByteBuffer in, MessageSink sink) {
        frames.parse(in, new MessageSink() {
            @Override
            public void message(ByteBuffer buffer, int start, int length) {
                frame(buffer, start, start + length, sink);
            }

            @Override
            public void ping() {
                sink.ping();
            }
        });
    }

    private static void frame(ByteBuffer in, int from, int to, MessageSink sink) {
        byte first = in.get(from);
        if (first == 'R') {
            sink.subscribed();
        } else if (first == 'E') {
            throw new IllegalStateException("a STOMP error");
        } else if (first == 'M') {
            int at = from + 1;
            while (at < to && !(in.get(at) == '\n' && in.get(at - 1) == '\n')) {
                at++;
            }
            // The body ends with a zero byte.
            sink.message(in, at + 1, to - at - 2);
        }
    }

    static byte[] connect() {
        return bytes("CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\nheart-beat:0,0\n\n");
    }

    /** To one destination, with a receipt. */
    static byte[] subscribe(String destination) {
        return bytes("SUBSCRIBE\nid:0\nack:auto\nreceipt:1\ndestination:" + destination + "\n\n");
    }

    private static byte[] bytes(String frame) {
        return (frame + "\0").getBytes(US_ASCII);
    }
}
