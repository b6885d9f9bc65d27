package io.jenkins.plugins.cvmfs.notify.load.wire;

import java.nio.ByteBuffer;

/** Takes what a parser finds. */
public interface MessageSink {

    /** A whole message has been read; it starts here in the buffer. */
    void message(ByteBuffer buffer, int start);

    /** The server wants a sign of life. */
    void ping();
}
