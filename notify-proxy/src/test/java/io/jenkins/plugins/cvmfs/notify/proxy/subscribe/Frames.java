package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import java.nio.ByteBuffer;

/** WebSocket frames, byte for byte: masked ones as a client sends them, unmasked ones as the server should. */
public final class Frames {

    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;

    private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

    /** Logs what the connection of a subscriber caught. */
    public static final Class<?> SUBSCRIBER = SubscriberConnection.class;

    private Frames() {}

    public static byte[] masked(int opcode, String payload) {
        return masked(true, opcode, payload.getBytes(ISO_8859_1));
    }

    public static byte[] masked(boolean last, int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) ((last ? 0x80 : 0) | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        frame.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ MASK[i % 4]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    public static byte[] subscription(String repository) {
        return masked(true, BINARY, Requests.subscription(repository).getBytes(UTF_8));
    }

    /** A frame from the server, one character for each byte. */
    public static String fromServer(int opcode, String payload) {
        int length = payload.length();
        String header = length < 126
                ? "" + (char) (0x80 | opcode) + (char) length
                : "" + (char) (0x80 | opcode) + (char) 126 + (char) (length >> 8) + (char) (length & 0xff);
        return header + payload;
    }

    public static String message(String repository, long revision) {
        return fromServer(BINARY, Requests.message(repository, revision));
    }

    public static String close(int code, String reason) {
        return fromServer(CLOSE, "" + (char) (code >> 8) + (char) (code & 0xff) + reason);
    }
}
