package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Entry;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.LastValues;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps the last value of a repository that is seldom published from being dropped with the oldest part of the stream: when so
 * much has been published after it that this may come, it is published once more, as a copy. Proxies do not agree on who does it,
 * but the first to do it saves the others the trouble. The reader's thread notes what it reads, the link's thread asks what is due.
 */
final class StreamRefresh {

    /** Above what messages really have, about 1.5 KB, so that a copy comes long before the limit. */
    private static final long GENEROUS_MESSAGE_BYTES = 8 * 1024;

    private final LastValues lastValues;
    private final long distance;
    private final Map<RepositoryName, Long> newestOffset = new HashMap<>();
    private long endOffset;
    private long nextLook;

    /** @param streamMaxBytes how much the stream keeps */
    StreamRefresh(LastValues lastValues, long streamMaxBytes) {
        this.lastValues = lastValues;
        long messages = streamMaxBytes / GENEROUS_MESSAGE_BYTES;
        // Not all proxies at the same offset.
        this.distance = messages + ThreadLocalRandom.current().nextLong(messages / 4 + 1);
    }

    /** The stream has a message of this repository there. */
    synchronized void seen(RepositoryName repository, long offset) {
        newestOffset.merge(repository, offset, Math::max);
        endOffset = Math.max(endOffset, offset);
    }

    /** The entries to be published once more; few calls have anything to do. */
    synchronized List<Entry> due() {
        if (endOffset < nextLook) {
            return List.of();
        }
        nextLook = endOffset + distance / 4;
        return lastValues.all().stream()
                .filter(entry -> endOffset - newestOffset(entry) > distance)
                .toList();
    }

    /** Where nothing was read, it stands at an unknown place before the end. */
    private long newestOffset(Entry entry) {
        return newestOffset.getOrDefault(entry.repository(), Long.MIN_VALUE / 2);
    }
}
