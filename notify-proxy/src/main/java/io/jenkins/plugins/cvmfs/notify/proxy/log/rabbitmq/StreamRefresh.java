package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last value of a repository that is seldom published from being dropped with the oldest part of the stream. Each time that a
 * sixth of what the stream keeps has been read, the last values that were not read during that sixth are published again, as copies; and
 * those that the stream is found to lack, because it begins after them or never had them. Proxies do not agree on which of them does it,
 * but the copy of the first one serves all. The reader's thread notes what it reads, the broker thread asks what is due.
 *
 * <p>An order to forget a repository is kept in the same way in place of its last value. Without it a proxy that was off for longer than
 * the stream keeps would bring the value back from its journal.
 *
 * <p>All of them together, each with {@value #OVERHEAD_BYTES} bytes more, must take less than a sixth of the stream: otherwise their
 * copies alone fill it, and each sixth makes the next copies due, for as long as the proxy runs.
 */
final class StreamRefresh {

    /** An upper estimate of what the broker stores with each message. */
    private static final int OVERHEAD_BYTES = 512;

    /** For messages that were not read: more than they really have, about 1.5 KB. */
    private static final long GENEROUS_MESSAGE_BYTES = 8 * 1024;

    private static final int SIXTH = 6;

    private final LastValues lastValues;
    private final long stepBytes;

    /** The highest offset of each repository's last value, or of the order to forget it, that has been read. */
    private final Map<RepositoryName, Long> offsets = new HashMap<>();

    private long bytesInStep;
    /** Negative until reading begins. */
    private long stepBegin = -1;
    /** The highest offset at which the stream was found to begin. */
    private long streamBegin;
    /** Last values at lower offsets are due, and those without one. */
    private long dueBefore;

    /** True if more values may be due, or copies were lost with a session. */
    private boolean mayBeDue;

    /** @param streamMaxBytes how much the stream keeps */
    StreamRefresh(LastValues lastValues, long streamMaxBytes) {
        this.lastValues = lastValues;
        // Two steps before a restart and one after it are less than a stream keeps, also while it drops an eighth of
        // it. They differ, so that not all proxies publish the same copies at the same time.
        this.stepBytes = streamMaxBytes / SIXTH + ThreadLocalRandom.current().nextLong(streamMaxBytes / 48 + 1);
    }

    /** Reading begins at the stream's first message: a last value that does not come is not in the stream. */
    synchronized void readsAll() {
        offsets.clear();
        bytesInStep = 0;
        stepBegin = 0;
        streamBegin = 0;
        dueBefore = 0;
        mayBeDue = true;
    }

    /**
     * Reading resumes at a position up to which it was read before. A last value that was recorded without the stream is not in it, and
     * copies that were due before a disconnect may not have been sent.
     */
    synchronized void resumesAt(LogPosition position) {
        for (LogEntry entry : lastValues.all()) {
            if (entry.position().epoch().equals(position.epoch())) {
                offsets.merge(entry.repository(), entry.position().offset(), Math::max);
            } else {
                offsets.remove(entry.repository());
            }
        }
        if (stepBegin < 0) {
            stepBegin = position.offset();
        }
        raise(position.offset() - 2 * stepBytes / GENEROUS_MESSAGE_BYTES);
        mayBeDue = true;
    }

    /**
     * A message has been read.
     *
     * @param bytes its length
     * @param lastOfOrNull the repository whose last value it is, or that it orders to forget; null if it is neither
     */
    synchronized void read(long offset, int bytes, @Nullable RepositoryName lastOfOrNull) {
        if (lastOfOrNull != null) {
            offsets.put(lastOfOrNull, offset);
        }
        bytesInStep += bytes + OVERHEAD_BYTES;
        if (bytesInStep > stepBytes) {
            raise(stepBegin);
            stepBegin = offset + 1;
            bytesInStep = 0;
        }
    }

    /** The stream now begins at this offset. */
    synchronized void beginsAt(long offset) {
        if (offset > streamBegin) {
            streamBegin = offset;
            raise(offset);
            mayBeDue = true;
        }
    }

    private void raise(long offset) {
        if (offset > dueBefore) {
            dueBefore = offset;
            mayBeDue = true;
        }
    }

    /** Returns what is to be published again; few calls find anything. */
    synchronized List<OutgoingMessage> due() {
        if (!mayBeDue) {
            return List.of();
        }
        mayBeDue = false;
        return Stream.concat(
                        lastValues.all().stream()
                                .filter(entry -> isDue(entry.repository()))
                                .map(PeerSync::copyToStream),
                        lastValues.forgotten().stream()
                                .filter(order -> isDue(order.repository()))
                                .map(order -> PeerSync.copy(RoutingKeys.FORGOTTEN, order)))
                .toList();
    }

    private boolean isDue(RepositoryName repository) {
        return offsets.getOrDefault(repository, -1L) < dueBefore;
    }
}
