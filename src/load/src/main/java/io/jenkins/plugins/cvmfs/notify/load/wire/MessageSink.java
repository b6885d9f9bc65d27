package io.jenkins.plugins.cvmfs.notify.load.wire;

import java.nio.ByteBuffer;

/** Takes what a parser finds. */
public interface MessageSink {

    /** A whole message has been read; it starts here in the buffer and is so long. */
    void message(ByteBuffer buffer, int start, int length);

    /** The server wants a sign of life. */
    void ping();
}
