package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
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

    /** Publishes that share places: all of one kind, those of them for one repository, and of these a stranger's. */
    private record Group(
            boolean hasRight,
            @Nullable RepositoryName repository,
            @Nullable InetAddress stranger,
            int limit) {}

    private final int limit;
    private final Map<Group, Integer> takenBy = new HashMap<>();

    /** @param maxPending publishes that may be pending, of which each kind may take a quarter here */
    FetchWaitLimit(int maxPending) {
        this.limit = Math.max(1, Math.min(MAX_TOTAL, maxPending / 4));
    }

    /**
     * Returns a place for one publish, not taken yet.
     *
     * @param stranger the network of a sender without a right; null if it has one
     */
    Place place(RepositoryName repository, @Nullable InetAddress stranger) {
        boolean hasRight = stranger == null;
        Group all = new Group(hasRight, null, null, limit);
        Group ofRepository = new Group(hasRight, repository, null, PER_REPOSITORY);
        return new Place(
                hasRight
                        ? List.of(all, ofRepository)
                        : List.of(all, ofRepository, new Group(false, repository, stranger, PER_STRANGER)));
    }

    /** The place of one publish: taken at most once, and then given back. */
    final class Place {

        private final List<Group> groups;
        private boolean taken;

        private Place(List<Group> groups) {
            this.groups = groups;
        }

        /** Takes the place; returns false if none is free. Returns true if it is taken already. */
        boolean take() {
            synchronized (FetchWaitLimit.this) {
                if (!taken && groups.stream().allMatch(group -> takenBy.getOrDefault(group, 0) < group.limit())) {
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

        private void count(int places) {
            groups.forEach(
                    group -> takenBy.merge(group, places, (known, more) -> known + more == 0 ? null : known + more));
        }
    }
}
