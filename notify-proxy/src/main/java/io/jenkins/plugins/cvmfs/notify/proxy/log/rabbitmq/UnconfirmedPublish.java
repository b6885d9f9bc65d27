package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A publish that is not yet known to be safe. What changes in it is the link's thread's, where it does not say otherwise. */
final class UnconfirmedPublish {

    private final UUID id;
    private final ActivityMessage message;
    private final Instant announcedAt;
    private @Nullable ConfirmingPublisher sentBy;
    private boolean wasReturned;
    private volatile @Nullable Long confirmedNanos;

    UnconfirmedPublish(UUID id, ActivityMessage message, Instant announcedAt) {
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
    boolean isFirstSendBy(ConfirmingPublisher publisher) {
        boolean first = sentBy != publisher;
        sentBy = publisher;
        return first;
    }

    /** The broker has confirmed it. From any thread. */
    void confirmed() {
        if (confirmedNanos == null) {
            confirmedNanos = System.nanoTime();
        }
    }

    /** Whether the broker confirmed it longer ago than this. From any thread. */
    boolean wasConfirmedBefore(Duration time) {
        Long since = confirmedNanos;
        return since != null && System.nanoTime() - since > time.toNanos();
    }

    /** Makes one more send possible after no queue took it; false if that has happened before. */
    boolean mayBeSentAgain() {
        boolean first = !wasReturned;
        wasReturned = true;
        sentBy = null;
        return first;
    }
}
