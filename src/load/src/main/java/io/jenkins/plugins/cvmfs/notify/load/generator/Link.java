package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What carries a subscriber's bytes: the socket itself, or TLS on it. Nothing blocks. */
interface Link {

    /** The connection stands. */
    void begin() throws IOException;

    /** Adds what there is to the buffer; returns how many bytes, or -1 at the end. */
    int read(ByteBuffer buffer) throws IOException;

    /** Sends all, now or as soon as it may. */
    void write(byte[] bytes) throws IOException;

    /** The socket as it is. */
    record Plain(SocketChannel channel) implements Link {

        @Override
        public void begin() {}

        @Override
        public int read(ByteBuffer buffer) throws IOException {
            return channel.read(buffer);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
                throw new IOException("a request did not fit into the socket's buffer");
            }
        }
    }
}
