package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way into the log.
 *
 * @param idOrNull the publish it came from; null if another program published it
 * @param announcedAt when it was accepted, in milliseconds
 * @param source where it comes from
 */
public record IncomingMessage(
        ActivityMessage message, @Nullable UUID idOrNull, Instant announcedAt, Source source) {

    Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }

    RepositoryName repository() {
        return message.repository();
    }

    /** Compares it with other announcements of the repository. */
    public Recency recency() {
        return new Recency(announcedAt, idOrNull);
    }

    /** Returns whether there is nothing new in it, given the last entry of its repository. */
    boolean repeats(LogEntry last) {
        if (idOrNull != null && idOrNull.equals(last.idOrNull())) {
            return true;
        }
        LogPosition position = source.positionOrNull();
        boolean sameStream = false;
        if (position != null && position.epoch().equals(last.position().epoch())) {
            if (position.offset() <= last.position().offset()) {
                return true;
            }
            sameStream = true;
        }
        return switch (source.way()) {
            case PUBLISHER, UPSTREAM, QUEUE, CONFIRMED, STREAM -> false;
            case STREAM_LATE -> !sameStream && isNotNewerThan(last);
            case PEER, STREAM_COPY -> isNotNewerThan(last);
        };
    }

    private boolean isNotNewerThan(LogEntry last) {
        // Two proxies receive a message of another program at different times.
        boolean isForeignCopy =
                idOrNull == null && last.idOrNull() == null && Arrays.equals(message.raw(), last.body());
        return isForeignCopy || recency().compareTo(last.recency()) <= 0;
    }

    /**
     * Where a message comes from; that decides what must be safe before it is delivered.
     *
     * @param positionOrNull the position in the stream; null unless it comes from one
     */
    public record Source(Way way, @Nullable LogPosition positionOrNull) {

        /** A publisher of this proxy in standalone mode: without the journal there is no log, so a failure refuses it. */
        public static final Source PUBLISHER = new Source(Way.PUBLISHER, null);
        /** The server that this proxy relays. */
        public static final Source UPSTREAM = new Source(Way.UPSTREAM, null);
        /** This proxy's queue at the broker. */
        public static final Source QUEUE = new Source(Way.QUEUE, null);
        /** The last value of another proxy, to close a gap. */
        public static final Source PEER = new Source(Way.PEER, null);

        /** A publisher of this proxy; the broker has confirmed it, and it has not been read from the stream. */
        public static final Source CONFIRMED = new Source(Way.CONFIRMED, null);

        /** The way a message came. */
        public enum Way {
            PUBLISHER,
            UPSTREAM,
            QUEUE,
            PEER,
            CONFIRMED,
            /** Read from the stream as it was appended. */
            STREAM,
            /** Read from the stream later, to catch up: what is known may be newer although it came on another way. */
            STREAM_LATE,
            /** An old message that was appended to the stream once more, to keep it. */
            STREAM_COPY
        }

        /** A message of the stream at the broker, which keeps it; the journal saves reading it again, and is there if the broker lost it. */
        public static Source stream(Way way, LogPosition position) {
            return new Source(way, position);
        }

        /** Returns whether a crash right after the delivery must not lose it, because only this proxy keeps it. */
        boolean mustBeDurable() {
            return positionOrNull == null && way != Way.CONFIRMED;
        }

        /** Returns whether it is delivered although the journal cannot be written, because it has been announced to others already. */
        boolean isDeliveredAnyway() {
            return way != Way.PUBLISHER;
        }

        /** Returns whether it is later than every announcement of the repository before it, whatever the clock says. */
        boolean isInOrder() {
            return way == Way.PUBLISHER || way == Way.UPSTREAM;
        }

        /** Returns whether it may have been announced before its repository was forgotten, although it comes later. */
        boolean mayBeForgotten() {
            return way == Way.PEER || way == Way.STREAM_COPY;
        }
    }
}
