package io.jenkins.plugins.cvmfs.notify.load.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** MQTT 3.1.1 in WebSocket frames, as RabbitMQ speaks it: whole packets in each frame, quality of service 0. */
final class MqttPackets implements StreamParser {

    private static final int SUBACK = 9;
    private static final int PUBLISH = 3;

    private final WebSocketFrames frames = new WebSocketFrames();

    @Override
    public void parse(ByteBuffer in, MessageSink sink) {
        frames.parse(in, new MessageSink() {
            @Override
            public void message(ByteBuffer buffer, int start, int length) {
                packets(buffer, start, start + length, sink);
            }

            @Override
            public void ping() {
                sink.ping();
            }
        });
    }

    private static void packets(ByteBuffer in, int from, int to, MessageSink sink) {
        int at = from;
        while (at < to) {
            int kind = (in.get(at++) & 0xff) >> 4;
            int length = 0;
            int shift = 0;
            int digit;
            do {
                digit = in.get(at++);
                length |= (digit & 0x7f) << shift;
                shift += 7;
            } while (digit < 0);
            if (at + length > to) {
                throw new IllegalStateException("an MQTT packet in two frames");
            }
            if (kind == SUBACK) {
                sink.subscribed();
            } else if (kind == PUBLISH) {
                int topic = 2 + (in.getShort(at) & 0xffff);
                sink.message(in, at + topic, length - topic);
            }
            at += length;
        }
    }

    /** A client without a name of its own, whose session ends with the connection. */
    static byte[] connect() {
        byte[] guest = text("guest");
        ByteBuffer packet = ByteBuffer.allocate(2 + 10 + 2 + 2 * guest.length);
        packet.put((byte) 0x10).put((byte) (packet.capacity() - 2));
        packet.put(text("MQTT")).put((byte) 4).put((byte) 0xc2).putShort((short) 0);
        return packet.put(text("")).put(guest).put(guest).array();
    }

    /** To one topic. */
    static byte[] subscribe(String topic) {
        byte[] filter = text(topic);
        return ByteBuffer.allocate(2 + 2 + filter.length + 1)
                .put((byte) 0x82)
                .put((byte) (2 + filter.length + 1))
                .putShort((short) 1)
                .put(filter)
                .put((byte) 0)
                .array();
    }

    private static byte[] text(String content) {
        byte[] bytes = content.getBytes(US_ASCII);
        return ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) bytes.length)
                .put(bytes)
                .array();
    }
}
