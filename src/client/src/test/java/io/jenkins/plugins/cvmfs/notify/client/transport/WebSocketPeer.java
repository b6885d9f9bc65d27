package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Queue;

/** The server's end of a WebSocket, frame by frame, so that a script can send wrong ones. */
final class WebSocketPeer {

    static final int CONTINUATION = 0x0;
    static final int TEXT = 0x1;
    static final int BINARY = 0x2;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int FINAL = 0x80;

    /** A frame from the client, unmasked. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int opcode, byte[] payload) {

        String text() {
            return new String(payload, UTF_8);
        }
    }

    private final ScriptedConnection connection;
    private final Queue<String> questions = new ArrayDeque<>();

    private WebSocketPeer(ScriptedConnection connection) {
        this.connection = connection;
    }

    /** Reads the upgrade request and accepts it. */
    static WebSocketPeer accept(ScriptedConnection connection) throws IOException {
        if (!connection.readRequest()) {
            throw new EOFException("the client has ended the connection without a request");
        }
        return upgrade(connection);
    }

    /** Accepts the upgrade request just read. */
    static WebSocketPeer upgrade(ScriptedConnection connection) throws IOException {
        connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + acceptKey(connection.header("Sec-WebSocket-Key")) + "\r\n\r\n");
        return new WebSocketPeer(connection);
    }

    private static String acceptKey(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the next frame of any kind. */
    Frame read() throws IOException {
        int opcode = connection.read() & 0x0F;
        DataInputStream in = connection.in();
        int length = in.readUnsignedByte() & 0x7F;
        if (length == 126) {
            length = in.readUnsignedShort();
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return new Frame(opcode, payload);
    }

    /** The repository of the next subscription, which is taken on: pings are answered up to the one that follows it. */
    String readSubscription() throws IOException {
        String repository = readQuestion();
        Frame frame = read();
        while (frame.opcode() == BINARY) {
            questions.add(repository(frame));
            frame = read();
        }
        answer(frame);
        return repository;
    }

    /** The repository of the next subscription; pings before it are answered, the one that follows it is not. */
    String readQuestion() throws IOException {
        while (questions.isEmpty()) {
            Frame frame = read();
            if (frame.opcode() == BINARY) {
                questions.add(repository(frame));
            }
            answer(frame);
        }
        return questions.remove();
    }

    private static String repository(Frame subscription) {
        return subscription.text().replaceAll(".*\"repository\":\"([^\"]*)\".*", "$1");
    }

    private void answer(Frame frame) throws IOException {
        if (frame.opcode() == PING) {
            send(PONG, frame.payload());
        } else if (frame.opcode() == CLOSE) {
            connection.noteEnd();
        }
    }

    /** Answers pings until the client ends the connection. */
    void awaitEnd() throws IOException {
        while (true) {
            answer(read());
        }
    }

    void send(int opcode, byte[] payload) throws IOException {
        connection.write(frame(FINAL | opcode, payload));
    }

    void send(String text) throws IOException {
        send(BINARY, text.getBytes(UTF_8));
    }

    /** Sends the payload in several frames of one message. */
    void sendInPieces(byte[] payload, int pieces) throws IOException {
        int size = (payload.length + pieces - 1) / pieces;
        for (int from = 0; from < payload.length; from += size) {
            int to = Math.min(payload.length, from + size);
            byte[] piece = java.util.Arrays.copyOfRange(payload, from, to);
            connection.write(frame((to == payload.length ? FINAL : 0) | (from == 0 ? BINARY : CONTINUATION), piece));
        }
    }

    void close(int status, String reason) throws IOException {
        byte[] text = reason.getBytes(UTF_8);
        send(
                CLOSE,
                ByteBuffer.allocate(2 + text.length)
                        .putShort((short) status)
                        .put(text)
                        .array());
    }

    /** The bytes of a frame as a server sends it, unmasked. */
    static byte[] frame(int firstByte, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(10 + payload.length).put((byte) firstByte);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 65_536) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }
}
