package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last value of a repository that is seldom published from being dropped with the oldest part of the stream: when so
 * much has been published after it that this may come, or the stream begins behind it already, it is published once more, as a copy.
 * Proxies do not agree on who does it, but the first to do it saves the others the trouble. The reader's thread notes what it reads,
 * the link's thread asks what is due.
 */
final class StreamRefresh {

    /** What the broker keeps with each message, generously. */
    private static final int OVERHEAD_BYTES = 512;

    /** For messages that were not read: above what they really have, about 1.5 KB. */
    private static final long GENEROUS_MESSAGE_BYTES = 8 * 1024;

    /** Unknown, and further away than anything. */
    private static final Place NOWHERE = new Place(Long.MIN_VALUE / 2, -1);

    /**
     * Where a message stands.
     *
     * @param bytes read before and with it, or negative
     */
    private record Place(long bytes, long offset) {}

    private final LastValues lastValues;
    private final long distance;
    private final Map<RepositoryName, Place> places = new HashMap<>();
    private long end;
    private long firstOffset;
    private long nextLook;

    /** @param streamMaxBytes how much the stream keeps */
    StreamRefresh(LastValues lastValues, long streamMaxBytes) {
        this.lastValues = lastValues;
        // Twice the distance is less than a stream keeps, also while it drops an eighth of it: what was read before a
        // restart and
        // what was read after it both count. Not all proxies at the same place.
        this.distance = streamMaxBytes / 3 + ThreadLocalRandom.current().nextLong(streamMaxBytes / 16 + 1);
    }

    /** Reading begins at the stream's first message: what does not come is not in it. */
    synchronized void readsAll() {
        places.clear();
        firstOffset = 0;
    }

    /** Reading goes on at a place up to which it was read before. */
    synchronized void resumesAt(LogPosition position) {
        lastValues.all().stream()
                .filter(entry -> entry.position().epoch().equals(position.epoch()))
                .forEach(entry -> places.putIfAbsent(entry.repository(), placeBefore(position, entry.position())));
    }

    private Place placeBefore(LogPosition position, LogPosition earlier) {
        long messages = Math.max(0, position.offset() - earlier.offset());
        return new Place(end - messages * GENEROUS_MESSAGE_BYTES, earlier.offset());
    }

    /**
     * A message has been read.
     *
     * @param bytes its length
     * @param lastOfOrNull whose last value it is, if it is one
     */
    synchronized void read(long offset, int bytes, @Nullable RepositoryName lastOfOrNull) {
        end += bytes + OVERHEAD_BYTES;
        if (lastOfOrNull != null) {
            places.put(lastOfOrNull, new Place(end, offset));
        }
    }

    /** The stream now begins at this offset. */
    synchronized void beginsAt(long offset) {
        if (offset > firstOffset) {
            firstOffset = offset;
            nextLook = 0;
        }
    }

    /** The entries to be published once more; few calls have anything to do. */
    synchronized List<LogEntry> due() {
        if (end < nextLook) {
            return List.of();
        }
        nextLook = end + distance / 4;
        return lastValues.all().stream().filter(this::isDue).toList();
    }

    private boolean isDue(LogEntry entry) {
        Place place = places.getOrDefault(entry.repository(), NOWHERE);
        return end - place.bytes() > distance || place.offset() < firstOffset;
    }
}
