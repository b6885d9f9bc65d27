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
 * @param positionOrNull the position in the stream; null unless it comes from one
 */
public record IncomingMessage(
        ActivityMessage message,
        @Nullable UUID idOrNull,
        Instant announcedAt,
        Way way,
        @Nullable LogPosition positionOrNull) {

    /** A message that was not read from a stream. */
    public IncomingMessage(ActivityMessage message, @Nullable UUID idOrNull, Instant announcedAt, Way way) {
        this(message, idOrNull, announcedAt, way, null);
    }

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
        LogPosition position = positionOrNull;
        boolean sameStream = false;
        if (position != null && position.epoch().equals(last.position().epoch())) {
            if (position.offset() <= last.position().offset()) {
                return true;
            }
            sameStream = true;
        }
        return switch (way) {
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

    /** The way a message came; that decides what must be safe before it is delivered. */
    public enum Way {
        /** A publisher of this proxy in standalone mode: without the journal there is no log, so a failure refuses it. */
        PUBLISHER,
        /** The server that this proxy relays. */
        UPSTREAM,
        /** This proxy's queue at the broker. */
        QUEUE,
        /** The last value of another proxy, to close a gap. */
        PEER,
        /** A publisher of this proxy; the broker has confirmed it, and it has not been read from the stream. */
        CONFIRMED,
        /**
         * Read from the stream as it was appended. The broker keeps it; the journal saves reading it again, and is there if the broker lost
         * it.
         */
        STREAM,
        /** Read from the stream later, to catch up: what is known may be newer although it came on another way. */
        STREAM_LATE,
        /** An old message that was appended to the stream once more, to keep it. */
        STREAM_COPY;

        /** Returns whether a crash right after the delivery must not lose it, because only this proxy keeps it. */
        boolean mustBeDurable() {
            return switch (this) {
                case PUBLISHER, UPSTREAM, QUEUE, PEER -> true;
                case CONFIRMED, STREAM, STREAM_LATE, STREAM_COPY -> false;
            };
        }

        /** Returns whether it is later than every announcement of the repository before it, whatever the clock says. */
        boolean isInOrder() {
            return this == PUBLISHER || this == UPSTREAM;
        }

        /** Returns whether it may have been announced before its repository was forgotten, although it comes later. */
        boolean mayBeForgotten() {
            return this == PEER || this == STREAM_COPY;
        }
    }
}
