package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** TLS on a socket that does not block; its tasks run where it is used. */
final class TlsLink implements Link {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int RECORD = 17_000;

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Queue<byte[]> unsent = new ArrayDeque<>();
    private final ByteBuffer encrypted = ByteBuffer.allocate(RECORD);

    TlsLink(SocketChannel channel, SSLEngine engine) {
        this.channel = channel;
        this.engine = engine;
        engine.setUseClientMode(true);
    }

    @Override
    public void begin() throws IOException {
        engine.beginHandshake();
        goOn();
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        if (channel.read(encrypted) < 0) {
            return -1;
        }
        encrypted.flip();
        int before = buffer.position();
        SSLEngineResult result;
        do {
            result = engine.unwrap(encrypted, buffer);
            goOn();
        } while (result.getStatus() == SSLEngineResult.Status.OK
                && (encrypted.hasRemaining() || result.bytesConsumed() > 0));
        encrypted.compact();
        return result.getStatus() == SSLEngineResult.Status.CLOSED ? -1 : buffer.position() - before;
    }

    /** Does what the handshake asks for, short of reading. */
    private void goOn() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                Runnable task;
                while ((task = engine.getDelegatedTask()) != null) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrap(NOTHING);
            } else if (status == HandshakeStatus.NOT_HANDSHAKING && !unsent.isEmpty()) {
                wrap(ByteBuffer.wrap(unsent.remove()));
            } else {
                return;
            }
        }
    }

    private void wrap(ByteBuffer plain) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RECORD);
        engine.wrap(plain, record);
        record.flip();
        if (channel.write(record) >= 0 && (record.hasRemaining() || plain.hasRemaining())) {
            throw new IOException("a request did not fit into the socket's buffer");
        }
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        unsent.add(bytes);
        goOn();
    }
}
