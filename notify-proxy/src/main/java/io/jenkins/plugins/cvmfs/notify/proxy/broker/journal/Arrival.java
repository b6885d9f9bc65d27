package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
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
public record Arrival(ActivityMessage message, @Nullable UUID idOrNull, Instant announcedAt, Source source)
        implements LedgerItem {

    /** Which publish it came from; empty if the publisher was none of our proxies. */
    public Optional<UUID> id() {
        return Optional.ofNullable(idOrNull);
    }

    /** Whether there is nothing new in it, given the last entry of its repository. */
    boolean repeats(Entry last) {
        if (idOrNull != null && idOrNull.equals(last.idOrNull())) {
            return true;
        }
        if (source instanceof Source.Stream stream) {
            return stream.position().equals(last.announcement().position());
        }
        return source instanceof Source.Peer && (!isNewerThan(last) || isForeignCopyOf(last));
    }

    /** Two proxies see a message of someone else at different times. */
    private boolean isForeignCopyOf(Entry last) {
        return idOrNull == null
                && last.idOrNull() == null
                && Arrays.equals(message.raw(), last.announcement().message().raw());
    }

    /** Whether it was accepted after the other one. The order is total, so two proxies always agree. */
    boolean isNewerThan(Entry last) {
        int byTime = announcedAt.compareTo(last.announcedAt());
        return byTime > 0 || (byTime == 0 && compareIds(idOrNull, last.idOrNull()) > 0);
    }

    private static int compareIds(@Nullable UUID mine, @Nullable UUID other) {
        if (mine == null || other == null) {
            return Boolean.compare(mine != null, other != null);
        }
        return mine.compareTo(other);
    }
}
