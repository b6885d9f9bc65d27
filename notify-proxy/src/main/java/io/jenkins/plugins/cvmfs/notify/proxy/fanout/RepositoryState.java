package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one repository.
 *
 * @param lastOrNull its last announcement's way; null while it has only subscribers
 * @param firstAnnouncedOrNull when it was announced for the first time; null if that was before this proxy began to listen
 * @param subscribers connections subscribed to it
 * @param announcements how many have come since this proxy began to listen
 * @param announcedLastHour how many of them within about the last hour
 */
public record RepositoryState(
        RepositoryName repository,
        @Nullable Dispatch lastOrNull,
        @Nullable Instant firstAnnouncedOrNull,
        int subscribers,
        long announcements,
        int announcedLastHour) {

    /** Its last announcement's way. */
    public Optional<Dispatch> last() {
        return Optional.ofNullable(lastOrNull);
    }

    /** When it was announced for the first time, if this proxy saw it. */
    public Optional<Instant> firstAnnounced() {
        return Optional.ofNullable(firstAnnouncedOrNull);
    }
}
