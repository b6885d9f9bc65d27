package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that may be taken in all, so that many who may each have a little cannot have more together than there is. Whoever takes
 * some gives it back. From any thread.
 */
public final class ByteBudget {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /** @param limit in bytes */
    public ByteBudget(long limit) {
        this.limit = limit;
    }

    /** Whether so much was left; then it is taken. */
    public boolean take(int bytes) {
        if (taken.addAndGet(bytes) <= limit) {
            return true;
        }
        giveBack(bytes);
        return false;
    }

    /** Takes so much although it may be more than there is. */
    public void takeAnyway(int bytes) {
        taken.addAndGet(bytes);
    }

    /** Gives back what was taken. */
    public void giveBack(int bytes) {
        taken.addAndGet(-bytes);
    }

    /** How much is taken now. */
    public long taken() {
        return taken.get();
    }
}
