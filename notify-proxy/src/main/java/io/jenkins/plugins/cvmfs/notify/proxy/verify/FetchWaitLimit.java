package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier.Sender;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many publishes wait for whitelists and certificates to be fetched, for each repository and in total. A stratum 0 that hangs
 * must not take the places of publishes that need no fetch, and strangers (senders without a right) must not take those of senders
 * with a right, so each kind has its own places; among strangers each address gets only a few. Thread-safe.
 */
final class FetchWaitLimit {

    static final int PER_REPOSITORY = 64;
    static final int PER_STRANGER = 8;

    private static final int MAX_TOTAL = 1_000;

    /** The owner of a place: a repository, and in it each address without credentials. */
    private record Group(
            boolean hasRight,
            RepositoryName repository,
            @Nullable InetAddress network) {}

    private final int limit;
    private final Map<Group, Integer> takenBy = new HashMap<>();
    private int withRight;
    private int strangers;

    /** @param maxPending publishes that may be pending, of which each kind may take a quarter here */
    FetchWaitLimit(int maxPending) {
        this.limit = Math.max(1, Math.min(MAX_TOTAL, maxPending / 4));
    }

    /** Returns a place for one publish, not taken yet. */
    Place place(RepositoryName repository, Sender sender) {
        return new Place(
                sender.hasRight(),
                new Group(sender.hasRight(), repository, null),
                sender.hasRight() ? null : new Group(false, repository, sender.network()));
    }

    /** The place of one publish: taken at most once, and then given back. */
    final class Place {

        private final boolean hasRight;
        private final Group repository;
        private final @Nullable Group stranger;
        private boolean taken;

        private Place(boolean hasRight, Group repository, @Nullable Group stranger) {
            this.hasRight = hasRight;
            this.repository = repository;
            this.stranger = stranger;
        }

        /** Takes the place; returns false if none is free. Returns true if it is taken already. */
        boolean take() {
            synchronized (FetchWaitLimit.this) {
                if (!taken && isFree()) {
                    taken = true;
                    count(1);
                }
                return taken;
            }
        }

        /** Gives it back if it was taken. */
        void leave() {
            synchronized (FetchWaitLimit.this) {
                if (taken) {
                    taken = false;
                    count(-1);
                }
            }
        }

        private boolean isFree() {
            return (hasRight ? withRight : strangers) < limit
                    && takenBy.getOrDefault(repository, 0) < PER_REPOSITORY
                    && (stranger == null || takenBy.getOrDefault(stranger, 0) < PER_STRANGER);
        }

        private void count(int places) {
            if (hasRight) {
                withRight += places;
            } else {
                strangers += places;
            }
            count(repository, places);
            if (stranger != null) {
                count(stranger, places);
            }
        }

        private void count(Group group, int places) {
            takenBy.merge(group, places, (known, more) -> known + more == 0 ? null : known + more);
        }
    }
}
