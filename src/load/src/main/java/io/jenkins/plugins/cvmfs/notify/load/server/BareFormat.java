package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** How the bare loop writes a message of 126 to 65,535 bytes. */
enum BareFormat {
    /** One binary frame. */
    WEB_SOCKET {
        @Override
        ByteBuffer encode(byte[] message) {
            return ByteBuffer.allocateDirect(message.length + 4)
                    .put((byte) 0x82)
                    .put((byte) 126)
                    .putShort((short) message.length)
                    .put(message)
                    .flip();
        }
    },
    /** One event in one chunk. */
    EVENT {
        @Override
        ByteBuffer encode(byte[] message) {
            String size = Integer.toHexString(message.length + 8);
            return ByteBuffer.allocateDirect(message.length + 32)
                    .put((size + "\r\ndata: ").getBytes(US_ASCII))
                    .put(message)
                    .put("\n\n\r\n".getBytes(US_ASCII))
                    .flip();
        }
    };

    /** A buffer ready to be written. */
    abstract ByteBuffer encode(byte[] message);
}
