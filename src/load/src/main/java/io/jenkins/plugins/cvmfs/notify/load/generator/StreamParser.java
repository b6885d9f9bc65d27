package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.nio.ByteBuffer;

/** Finds messages in what a server sends after its answer's head. Stateless: what is not whole stays in the buffer. */
public interface StreamParser {

    /** Hands on every whole message and leaves the position after the last. */
    void parse(ByteBuffer in, Sink sink);

    /** Takes what a parser finds. */
    interface Sink {

        /** A whole message has been read; it starts here in the buffer and is so long. */
        void message(ByteBuffer buffer, int start, int length);

        /** The server wants a sign of life. */
        void ping();
    }
}
