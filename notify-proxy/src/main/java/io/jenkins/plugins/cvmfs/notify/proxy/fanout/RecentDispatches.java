package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.util.ArrayDeque;
import java.util.List;

/**
 * The last {@value #CAPACITY} announcements that came from the log while this proxy listened. From any thread. They are kept whole; many
 * more would not fit between two collections of a small heap, and each would be copied.
 */
final class RecentDispatches {

    static final int CAPACITY = 100;

    private final ArrayDeque<Dispatch> newestLast = new ArrayDeque<>(CAPACITY);

    synchronized void add(Dispatch dispatch) {
        if (newestLast.size() == CAPACITY) {
            newestLast.remove();
        }
        newestLast.add(dispatch);
    }

    /** Those with a higher sequence, oldest first. */
    synchronized List<Dispatch> after(long sequence) {
        return newestLast.stream()
                .dropWhile(dispatch -> dispatch.sequence() <= sequence)
                .toList();
    }
}
