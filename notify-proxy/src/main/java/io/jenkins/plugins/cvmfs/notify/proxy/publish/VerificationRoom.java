package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Sender;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many publishes may wait for whitelists and certificates to be fetched: of one repository and in all. A stratum 0 that hangs must
 * not take the places of publishes that need none, and strangers must not take those of senders with a right; so there is one room
 * for each kind. Of strangers one address gets a few places only. From any thread.
 */
final class VerificationRoom {

    static final int PER_REPOSITORY = 64;
    static final int PER_STRANGER = 8;

    private static final int IN_ALL = 1_000;

    /** Whom places are counted for: a repository, and among strangers of it each address. */
    private record Counted(
            boolean hasRight,
            RepositoryName repository,
            @Nullable InetAddress network) {}

    private final int limit;
    private final Map<Counted, Integer> inside = new HashMap<>();
    private int withRight;
    private int strangers;

    /** @param maxPending publishes that may be under way, of which each kind may be a quarter here at most */
    VerificationRoom(int maxPending) {
        this.limit = Math.max(1, Math.min(IN_ALL, maxPending / 4));
    }

    /** A place for one publish, not taken yet. */
    Place place(RepositoryName repository, Sender sender) {
        return new Place(
                sender.hasRight(),
                new Counted(sender.hasRight(), repository, null),
                sender.hasRight() ? null : new Counted(false, repository, sender.network()));
    }

    /** The place of one publish: taken once at most, and then given back. */
    final class Place {

        private final boolean hasRight;
        private final Counted repository;
        private final @Nullable Counted stranger;
        private boolean taken;

        private Place(boolean hasRight, Counted repository, @Nullable Counted stranger) {
            this.hasRight = hasRight;
            this.repository = repository;
            this.stranger = stranger;
        }

        /** Whether there is one; if it is taken already there is. */
        boolean take() {
            synchronized (VerificationRoom.this) {
                if (!taken && isFree()) {
                    taken = true;
                    count(1);
                }
                return taken;
            }
        }

        /** Gives it back if it was taken. */
        void leave() {
            synchronized (VerificationRoom.this) {
                if (taken) {
                    taken = false;
                    count(-1);
                }
            }
        }

        private boolean isFree() {
            return (hasRight ? withRight : strangers) < limit
                    && inside.getOrDefault(repository, 0) < PER_REPOSITORY
                    && (stranger == null || inside.getOrDefault(stranger, 0) < PER_STRANGER);
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

        private void count(Counted whom, int places) {
            inside.merge(whom, places, (here, more) -> here + more == 0 ? null : here + more);
        }
    }
}
