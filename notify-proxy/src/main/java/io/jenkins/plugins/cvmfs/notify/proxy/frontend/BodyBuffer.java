package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** A request's body as it arrives, up to a limit. What the head announces is not believed: memory grows with what came. */
final class BodyBuffer {

    private static final byte[] EMPTY = {};

    private final int limit;
    private byte[] bytes = EMPTY;
    private int length;

    /** @param limit most bytes kept */
    BodyBuffer(int limit) {
        this.limit = limit;
    }

    /** Takes the next part; false, and nothing taken, if it does not fit. */
    boolean add(ByteBuf part) {
        int added = part.readableBytes();
        if (added > limit - length) {
            return false;
        }
        if (length + added > bytes.length) {
            // Exact for the first part, which mostly is the only one.
            bytes = Arrays.copyOf(bytes, length == 0 ? added : Math.min(limit, 2 * (length + added)));
        }
        part.readBytes(bytes, length, added);
        length += added;
        return true;
    }

    /** All that was taken. */
    byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
}
