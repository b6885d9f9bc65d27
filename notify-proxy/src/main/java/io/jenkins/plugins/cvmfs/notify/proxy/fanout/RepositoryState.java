package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of one repository.
 *
 * @param lastOrNull its last announcement's way; null while it has only subscribers
 * @param subscribers connections subscribed to it
 * @param announcements how many have come since this proxy began to listen
 * @param announcedLastHour how many of them within about the last hour
 */
public record RepositoryState(
        RepositoryName repository,
        @Nullable Dispatch lastOrNull,
        int subscribers,
        long announcements,
        int announcedLastHour) {

    /** Its last announcement's way. */
    public Optional<Dispatch> last() {
        return Optional.ofNullable(lastOrNull);
    }
}
