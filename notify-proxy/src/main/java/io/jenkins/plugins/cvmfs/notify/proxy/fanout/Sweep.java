package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One announcement going through one audience, from the last seat to the first, so that members who leave or join meanwhile
 * neither lose nor double anything. Used on the audience's loop only.
 */
final class Sweep {

    private final Audience audience;
    private final Dispatch dispatch;
    private final SharedFrames frames;
    private int seat;

    Sweep(Audience audience, Dispatch dispatch) {
        this.audience = audience;
        this.dispatch = dispatch;
        this.frames = new SharedFrames(dispatch.announcement(), ByteBufAllocator.DEFAULT);
        this.seat = audience.size();
    }

    /** Serves the next members, as many as the budget allows; returns what is left of it. */
    int advance(int budget) {
        int left = budget;
        int written = 0;
        IoUringBatch batch = audience.lane().batchFor(audience.size());
        try {
            while (left > 0 && (seat = Math.min(seat, audience.size())) > 0) {
                seat--;
                left--;
                if (offer(audience.member(seat), batch)) {
                    written++;
                }
            }
        } finally {
            if (batch != null) {
                batch.send();
            }
        }
        if (written > 0) {
            frames.count(audience.lane().metrics());
            audience.lane().metrics().wrote(dispatch, written, isOver());
        }
        return left;
    }

    private boolean offer(Subscription member, @Nullable IoUringBatch batch) {
        return member.advanceTo(dispatch) && member.subscriber().offer(audience.repository(), dispatch, frames, batch);
    }

    boolean isOver() {
        return Math.min(seat, audience.size()) == 0;
    }

    void release() {
        frames.count(audience.lane().metrics());
        frames.release();
    }
}
