package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that unsent data may take in all. A subscriber that falls behind takes as much as it may hold at most, and gives it back
 * when it has caught up or is gone. From any thread.
 */
final class BacklogBudget {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /** @param limit in bytes */
    BacklogBudget(long limit) {
        this.limit = limit;
    }

    /** Whether so much was left; then it is taken. */
    boolean take(int bytes) {
        if (taken.addAndGet(bytes) <= limit) {
            return true;
        }
        giveBack(bytes);
        return false;
    }

    void giveBack(int bytes) {
        taken.addAndGet(-bytes);
    }

    long taken() {
        return taken.get();
    }
}
