package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit on the memory of many holders together. Each holder gives back what it took. Thread-safe.
 */
public final class ByteBudget {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /** @param limit in bytes */
    public ByteBudget(long limit) {
        this.limit = limit;
    }

    /** Takes so many bytes if they are left, and returns whether they were. */
    public boolean take(int bytes) {
        if (taken.addAndGet(bytes) <= limit) {
            return true;
        }
        giveBack(bytes);
        return false;
    }

    /** Takes so many bytes, even beyond the limit. */
    public void takeAnyway(int bytes) {
        taken.addAndGet(bytes);
    }

    /** Gives back what was taken. */
    public void giveBack(int bytes) {
        taken.addAndGet(-bytes);
    }

    /** Returns the bytes taken now. */
    public long taken() {
        return taken.get();
    }
}
