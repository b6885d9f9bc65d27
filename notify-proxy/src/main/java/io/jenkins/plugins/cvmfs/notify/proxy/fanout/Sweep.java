package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.netty.buffer.ByteBufAllocator;

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
        while (left > 0 && (seat = Math.min(seat, audience.size())) > 0) {
            seat--;
            left--;
            Subscription member = audience.member(seat);
            if (member.advanceTo(dispatch) && member.subscriber().offer(audience.repository(), dispatch, frames)) {
                written++;
            }
        }
        if (written > 0) {
            frames.count(audience.lane().metrics());
            audience.lane().metrics().wrote(dispatch, written, isOver());
        }
        return left;
    }

    boolean isOver() {
        return Math.min(seat, audience.size()) == 0;
    }

    void release() {
        frames.count(audience.lane().metrics());
        frames.release();
    }
}
