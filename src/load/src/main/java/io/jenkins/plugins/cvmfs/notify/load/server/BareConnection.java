package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** One connection of the bare loop: a publisher until it asks to subscribe. */
final class BareConnection {

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final byte[] PUBLISHED =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}"
                    .getBytes(US_ASCII);
    private static final String STREAM_HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final BareLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private String request = "";
    private @Nullable BareFormat format;
    private @Nullable ByteBuffer pending;

    BareConnection(BareLoop loop, SocketChannel channel, SelectionKey key) {
        this.loop = loop;
        this.channel = channel;
        this.key = key;
    }

    @Nullable
    BareFormat format() {
        return format;
    }

    void read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            throw new EOFException();
        }
        if (format != null) {
            // What a subscriber says is of no interest.
            return;
        }
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        request += new String(bytes, ISO_8859_1);
        int headEnd = request.indexOf("\r\n\r\n") + 4;
        if (headEnd > 4 && request.length() >= headEnd + contentLength()) {
            handle(headEnd);
            request = "";
        }
    }

    private int contentLength() {
        String length = header("Content-Length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    private String header(String name) {
        int at = request.indexOf("\r\n" + name + ": ");
        return at < 0 ? "" : request.substring(at + name.length() + 4, request.indexOf("\r\n", at + 2));
    }

    private void handle(int headEnd) throws IOException {
        if (request.startsWith("POST ")) {
            loop.publish(request.substring(headEnd).getBytes(ISO_8859_1));
            write(ByteBuffer.wrap(PUBLISHED));
            return;
        }
        String webSocketKey = header("Sec-WebSocket-Key");
        BareFormat chosen = webSocketKey.isEmpty() ? BareFormat.EVENT : BareFormat.WEB_SOCKET;
        String head = webSocketKey.isEmpty() ? STREAM_HEAD : upgrade(webSocketKey);
        format = chosen;
        write(ByteBuffer.wrap(head.getBytes(US_ASCII)));
        loop.joined(this, chosen);
    }

    private static String upgrade(String webSocketKey) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((webSocketKey + GUID).getBytes(US_ASCII));
            return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(hash) + "\r\n\r\n";
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-1", e);
        }
    }

    /** Writes what the socket takes; of what it does not take, the rest of the first message waits, later ones are dropped. */
    void write(ByteBuffer bytes) throws IOException {
        if (pending != null) {
            return;
        }
        var unused = channel.write(bytes);
        if (bytes.hasRemaining()) {
            pending = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    void writePending() throws IOException {
        if (pending != null) {
            var unused = channel.write(pending);
            if (pending.hasRemaining()) {
                return;
            }
            pending = null;
        }
        key.interestOps(SelectionKey.OP_READ);
    }
}
