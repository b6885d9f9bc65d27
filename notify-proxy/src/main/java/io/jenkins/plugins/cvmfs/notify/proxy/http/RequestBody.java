package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A request's body as it arrives, up to a limit. Memory grows with what has arrived, whatever length the head announces. A body of the
 * usual length is always taken; the rest of a longer one counts against the memory for all bodies until it is released.
 */
final class RequestBody {

    /** More than most announcements have; as much as the head of a request may take, too. */
    static final int FREE_BYTES = 4 * 1024;

    private static final byte[] EMPTY = {};

    /** The result of adding a part. */
    enum Addition {
        TAKEN,
        /** The body is longer than allowed; nothing was taken. */
        TOO_LONG,
        /** All bodies together take as much memory as allowed; nothing was taken. */
        NO_ROOM
    }

    private final int limit;
    private final ByteBudget budget;
    private byte[] bytes = EMPTY;
    private int length;
    private int reserved;

    /**
     * @param limit maximum length in bytes
     * @param budget memory for all bodies together
     */
    RequestBody(int limit, ByteBudget budget) {
        this.limit = limit;
        this.budget = budget;
    }

    /** Adds the next part, if it fits. */
    Addition add(ByteBuf part) {
        int added = part.readableBytes();
        if (added > limit - length) {
            return Addition.TOO_LONG;
        }
        if (length + added > bytes.length) {
            // Exact for the first part, which is usually the only one.
            int capacity = length == 0 ? added : Math.min(limit, 2 * (length + added));
            if (!reserve(capacity - FREE_BYTES)) {
                return Addition.NO_ROOM;
            }
            bytes = Arrays.copyOf(bytes, capacity);
        }
        part.readBytes(bytes, length, added);
        length += added;
        return Addition.TAKEN;
    }

    private boolean reserve(int wanted) {
        int more = wanted - reserved;
        if (more > 0 && !budget.take(more)) {
            return false;
        }
        reserved += Math.max(0, more);
        return true;
    }

    /** Returns the whole body; its memory counts until it is released. */
    byte[] toBytes() {
        byte[] all = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        bytes = EMPTY;
        length = 0;
        return all;
    }

    /** Releases its memory. Releasing twice is fine. */
    void release() {
        budget.giveBack(reserved);
        reserved = 0;
    }
}
