package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
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
    private final DispatchQueue lane;
    private final List<Subscription> members = new ArrayList<>(1);
    private final ArrayDeque<Dispatch> waiting = new ArrayDeque<>(1);
    private boolean queued;
    private @Nullable Sweep sweep;

    Audience(RepositoryName repository, DispatchQueue lane) {
        this.repository = repository;
        this.lane = lane;
    }

    RepositoryName repository() {
        return repository;
    }

    DispatchQueue lane() {
        return lane;
    }

    /** What is to be sent after the present sweep, oldest first. Guarded by the lane. */
    ArrayDeque<Dispatch> waiting() {
        return waiting;
    }

    /** Whether it has a place among the lane's turns, or its turn is on. Guarded by the lane. */
    boolean isQueued() {
        return queued;
    }

    void queued(boolean nowQueued) {
        queued = nowQueued;
    }

    void add(Subscription subscription) {
        subscription.sitAt(members.size());
        members.add(subscription);
    }

    /** Fills the gap with the last member; a sweep that meets that one again is told so by its sequence. */
    void remove(Subscription subscription) {
        Subscription last = members.remove(members.size() - 1);
        if (last != subscription) {
            last.sitAt(subscription.seat());
            members.set(subscription.seat(), last);
        }
        if (members.isEmpty() && sweep != null) {
            sweep.release();
        }
    }

    int size() {
        return members.size();
    }

    Subscription member(int seat) {
        return members.get(seat);
    }

    /** The announcement being sent; null between two. */
    @Nullable
    Sweep sweep() {
        return sweep;
    }

    void sweepWith(@Nullable Sweep next) {
        sweep = next;
    }
}
