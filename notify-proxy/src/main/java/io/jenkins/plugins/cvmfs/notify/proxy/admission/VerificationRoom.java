package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.HashMap;
import java.util.Map;

/**
 * How many publishes may wait for their signatures to be verified: of one repository and in all. A stratum 0 that hangs must not
 * take the places of publishes that need none. From any thread.
 */
final class VerificationRoom {

    private static final int PER_REPOSITORY = 64;
    private static final int IN_ALL = 1_000;

    private final int limit;
    private final Map<RepositoryName, Integer> inside = new HashMap<>();
    private int count;

    /** @param maxPending publishes that may be under way, of which these are half at most */
    VerificationRoom(int maxPending) {
        this.limit = Math.max(1, Math.min(IN_ALL, maxPending / 2));
    }

    /** Each entry that was granted asks for one {@link #leave}. */
    synchronized boolean enter(RepositoryName repository) {
        if (count >= limit || inside.getOrDefault(repository, 0) >= PER_REPOSITORY) {
            return false;
        }
        inside.merge(repository, 1, Integer::sum);
        count++;
        return true;
    }

    synchronized void leave(RepositoryName repository) {
        inside.computeIfPresent(repository, (name, here) -> here == 1 ? null : here - 1);
        count--;
    }
}
