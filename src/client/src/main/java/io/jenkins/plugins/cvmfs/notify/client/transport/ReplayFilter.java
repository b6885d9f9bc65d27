package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Recognises the last message of a repository when a server sends it once more. A server does so when it is asked, which happens
 * again with every reconnect; the gateway also when anyone else asks. A message that comes unasked from any other server is news
 * even if it has the same bytes: somebody has published again.
 */
final class ReplayFilter {

    private final Map<RepositoryName, byte[]> last = new HashMap<>();
    private final Set<RepositoryName> asked = new HashSet<>();

    /** The server is about to be asked for this repository: its next message may be a replay. */
    synchronized void asking(RepositoryName repository) {
        asked.add(repository);
    }

    /**
     * Whether this is the message that came last, sent again. It is remembered in any case.
     *
     * @param mayRepeat whether the server repeats messages also when it was not asked
     */
    synchronized boolean isReplay(ActivityMessage message, boolean mayRepeat) {
        boolean possible = asked.remove(message.repository()) || mayRepeat;
        byte[] before = last.put(message.repository(), message.raw());
        return possible && Arrays.equals(before, message.raw());
    }

    /** Nothing of this repository counts as known any more. */
    synchronized void forget(RepositoryName repository) {
        last.remove(repository);
        asked.remove(repository);
    }
}
