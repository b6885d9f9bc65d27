package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way into the ledger.
 *
 * @param message what was announced
 * @param idOrNull which publish it came from; null if the publisher was none of our proxies
 * @param announcedAt when it was accepted, in milliseconds
 * @param source where it comes from
 */
public record IncomingMessage(
        ActivityMessage message, @Nullable UUID idOrNull, Instant announcedAt, Source source) implements LedgerItem {

    /** Which publish it came from; empty if the publisher was none of our proxies. */
    public Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }

    /** Whether there is nothing new in it, given the last entry of its repository. */
    boolean repeats(LogEntry last) {
        if (idOrNull != null && idOrNull.equals(last.idOrNull())) {
            return true;
        }
        return switch (source.orderAgainst(last.position())) {
            case AFTER -> false;
            case BEFORE -> true;
            case UNKNOWN -> !isNewerThan(last) || isForeignCopyOf(last);
        };
    }

    /** How it compares with other announcements of the repository. */
    public Recency recency() {
        return new Recency(announcedAt, idOrNull);
    }

    private boolean isNewerThan(LogEntry last) {
        return recency().compareTo(last.recency()) > 0;
    }

    /** Two proxies see a message of someone else at different times. */
    private boolean isForeignCopyOf(LogEntry last) {
        return idOrNull == null
                && last.idOrNull() == null
                && Arrays.equals(message.raw(), last.announcement().message().raw());
    }
}
