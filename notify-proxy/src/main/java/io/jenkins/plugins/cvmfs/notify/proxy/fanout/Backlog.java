package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a subscriber that does not keep up has not been sent yet: of each repository only the newest announcement, so at most as
 * many as it has subscriptions. Used on the subscriber's event loop only.
 */
final class Backlog {

    private final Map<RepositoryName, Dispatch> newest = new LinkedHashMap<>();

    /** Returns whether an older announcement gave way. */
    boolean put(RepositoryName repository, Dispatch dispatch) {
        return newest.put(repository, dispatch) != null;
    }

    /** The announcement that waits longest, or whose predecessor did. */
    Dispatch remove() {
        var first = newest.values().iterator();
        Dispatch dispatch = first.next();
        first.remove();
        return dispatch;
    }

    int size() {
        return newest.size();
    }

    boolean isEmpty() {
        return newest.isEmpty();
    }
}
