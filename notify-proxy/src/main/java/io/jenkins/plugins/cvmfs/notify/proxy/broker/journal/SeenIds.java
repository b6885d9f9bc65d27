package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The publishes recorded last, so that one which arrives again is noticed. Bounded: the oldest are forgotten first, long after
 * the last retry of their publish.
 */
final class SeenIds {

    private final int capacity;
    private final Set<UUID> ids = new LinkedHashSet<>();

    SeenIds(int capacity) {
        this.capacity = capacity;
    }

    boolean contains(UUID id) {
        return ids.contains(id);
    }

    void add(UUID id) {
        if (ids.add(id) && ids.size() > capacity) {
            Iterator<UUID> oldest = ids.iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
