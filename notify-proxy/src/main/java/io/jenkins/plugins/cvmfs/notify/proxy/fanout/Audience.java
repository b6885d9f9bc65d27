package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of one repository on one event loop. The list and the sweep belong to the loop; what waits is the
 * {@link DispatchQueue}'s and guarded by its lock.
 */
final class Audience {

    private final RepositoryName repository;
    private final DispatchQueue queue;
    private final List<Subscription> members = new ArrayList<>(1);
    private final ArrayDeque<Dispatch> waiting = new ArrayDeque<>(1);
    private boolean queued;
    private @Nullable Sweep sweep;

    Audience(RepositoryName repository, DispatchQueue queue) {
        this.repository = repository;
        this.queue = queue;
    }

    RepositoryName repository() {
        return repository;
    }

    DispatchQueue queue() {
        return queue;
    }

    /** Announcements to send after the present sweep, oldest first. Guarded by the queue. */
    ArrayDeque<Dispatch> waiting() {
        return waiting;
    }

    /** Returns true if it waits for its turn or has it. Guarded by the queue. */
    boolean isQueued() {
        return queued;
    }

    void queued(boolean nowQueued) {
        queued = nowQueued;
    }

    void add(Subscription subscription) {
        subscription.moveTo(members.size());
        members.add(subscription);
    }

    /** Fills the gap with the last member; a sweep that meets that one again is told so by its sequence. */
    void remove(Subscription subscription) {
        Subscription last = members.remove(members.size() - 1);
        if (last != subscription) {
            last.moveTo(subscription.index());
            members.set(subscription.index(), last);
        }
        if (members.isEmpty() && sweep != null) {
            sweep.release();
        }
    }

    int size() {
        return members.size();
    }

    Subscription member(int index) {
        return members.get(index);
    }

    /** The announcement being sent; null between two. */
    @Nullable
    Sweep sweep() {
        return sweep;
    }

    void sweepWith(@Nullable Sweep next) {
        sweep = next;
    }

    /**
     * One subscriber's interest in one repository. Used on the subscriber's event loop only.
     */
    static final class Subscription {

        private final Subscriber subscriber;
        private final Audience audience;
        private int index;
        private long lastSequence;
        private @Nullable Future<?> replay;

        Subscription(Subscriber subscriber, Audience audience) {
            this.subscriber = subscriber;
            this.audience = audience;
        }

        Subscriber subscriber() {
            return subscriber;
        }

        Audience audience() {
            return audience;
        }

        /** Its index in the audience's list. */
        int index() {
            return index;
        }

        void moveTo(int newIndex) {
            index = newIndex;
        }

        /** Notes that the subscriber has, or need not have, everything up to this one. False if that was so already. */
        boolean advanceTo(Dispatch dispatch) {
            if (dispatch.sequence() <= lastSequence) {
                return false;
            }
            lastSequence = dispatch.sequence();
            return true;
        }

        /** Returns whether the subscriber is to get what a sweep brings, and notes it. */
        boolean takes(Dispatch dispatch) {
            return switch (dispatch.round()) {
                case FIRST -> advanceTo(dispatch);
                case EARLY -> subscriber.terms().early() && advanceTo(dispatch);
                case AGAIN -> subscriber.terms().repeats() && lastSequence == dispatch.sequence() && !isReplayPending();
            };
        }

        long lastSequence() {
            return lastSequence;
        }

        /** Notes that its last value is sent later. */
        void replayLater(Future<?> later) {
            replay = later;
        }

        private boolean isReplayPending() {
            return replay != null && !replay.isDone();
        }

        void cancelReplay() {
            if (replay != null) {
                replay.cancel(false);
            }
        }
    }

    /**
     * One announcement going through one audience, from the last index to the first, so that members who leave or join meanwhile
     * neither lose nor double anything. Used on the audience's loop only.
     */
    static final class Sweep {

        private final Audience audience;
        private final Dispatch dispatch;
        private final SharedFrames frames;
        private int index;

        Sweep(Audience audience, Dispatch dispatch) {
            this.audience = audience;
            this.dispatch = dispatch;
            this.frames = new SharedFrames(dispatch.announcement());
            this.index = audience.size();
        }

        /** Serves the next members, as many as the budget allows; returns what is left of it. */
        int advance(int budget) {
            int left = budget;
            int written = 0;
            IoUringBatch batch = audience.queue().batchFor(audience.size());
            try {
                while (left > 0 && (index = Math.min(index, audience.size())) > 0) {
                    index--;
                    left--;
                    if (offer(audience.member(index), batch)) {
                        written++;
                    }
                }
            } finally {
                if (batch != null) {
                    batch.send();
                }
            }
            if (written > 0) {
                frames.count(audience.queue().metrics());
                audience.queue().metrics().wrote(dispatch, written, isOver());
            }
            return left;
        }

        private boolean offer(Subscription member, @Nullable IoUringBatch batch) {
            return member.takes(dispatch) && member.subscriber().offer(audience.repository(), dispatch, frames, batch);
        }

        boolean isOver() {
            return Math.min(index, audience.size()) == 0;
        }

        void release() {
            frames.count(audience.queue().metrics());
            frames.release();
        }
    }
}
