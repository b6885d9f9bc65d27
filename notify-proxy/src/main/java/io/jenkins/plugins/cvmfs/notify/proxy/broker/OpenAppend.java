package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A publish that is not yet known to be safe. What changes in it belongs to the link's thread. */
final class OpenAppend {

    private final UUID id;
    private final ActivityMessage message;
    private final Instant announcedAt;
    private @Nullable Publisher sentBy;
    private boolean wasReturned;

    OpenAppend(UUID id, ActivityMessage message, Instant announcedAt) {
        this.id = id;
        this.message = message;
        this.announcedAt = announcedAt;
    }

    UUID id() {
        return id;
    }

    ActivityMessage message() {
        return message;
    }

    Instant announcedAt() {
        return announcedAt;
    }

    /** Whether this is the first time that this publisher sends it. */
    boolean isFirstSendBy(Publisher publisher) {
        boolean first = sentBy != publisher;
        sentBy = publisher;
        return first;
    }

    /** Makes one more send possible after no queue took it; false if that has happened before. */
    boolean mayBeSentAgain() {
        boolean first = !wasReturned;
        wasReturned = true;
        sentBy = null;
        return first;
    }
}
