package io.jenkins.plugins.cvmfs.notify.load.wire;

import java.nio.ByteBuffer;

/** Finds messages in what a server sends after its answer's head. Stateless: what is not whole stays in the buffer. */
public interface StreamParser {

    /** Hands on every whole message and leaves the position after the last. */
    void parse(ByteBuffer in, MessageSink sink);
}
