package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder.AckListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The publishes that are not yet known to be safe. One is safe when the broker has confirmed it, and its message has been delivered and
 * recorded here. So what was answered with success is in the log and in this proxy's last values. Until then a publish stays here across
 * reconnects and is sent again, with the same id, within its time limit. Orders to forget wait here too, for the record only. From any
 * thread.
 */
final class UnconfirmedPublishes implements AckListener {

    private final PendingAcks<UnconfirmedPublish> pending;
    /** Orders to forget: each ends when it is recorded. */
    private final PendingAcks<Pending> orders;

    private final AtomicLong numbers = new AtomicLong();

    UnconfirmedPublishes(Duration timeLimit) {
        this.pending = new PendingAcks<>(timeLimit);
        this.orders = new PendingAcks<>(timeLimit);
    }

    /** A publish that is not yet known to be safe. Sending it is for the broker thread. */
    static final class UnconfirmedPublish extends Pending {

        private final UUID id;
        private final long number;
        private final ActivityMessage message;
        private final Instant announcedAt;
        private @Nullable ConfirmingPublisher sentBy;
        private boolean wasSentAgain;
        private volatile @Nullable ConfirmingPublisher returnedBy;
        private @Nullable Long confirmedNanos;
        private boolean isRecorded;

        private UnconfirmedPublish(UUID id, long number, ActivityMessage message, Instant announcedAt) {
            this.id = id;
            this.number = number;
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

        /** Returns whether it need not be sent any more. From any thread. */
        boolean isDone() {
            return answer().isDone();
        }

        /** Returns whether this is the first time that this publisher sends it. */
        boolean isFirstSendBy(ConfirmingPublisher publisher) {
            boolean first = sentBy != publisher;
            sentBy = publisher;
            return first;
        }

        /** Makes one more send possible after no queue took it; returns false if that has happened before. */
        boolean maySendAgain() {
            boolean first = !wasSentAgain;
            wasSentAgain = true;
            returnedBy = null;
            sentBy = null;
            return first;
        }

        /** Notes that no queue has taken what this publisher sent. From any thread, as all below. */
        void returnedBy(ConfirmingPublisher publisher) {
            returnedBy = publisher;
        }

        boolean isReturnedBy(ConfirmingPublisher publisher) {
            return returnedBy == publisher;
        }

        /** Notes that the broker has confirmed it; returns whether it is safe. */
        private synchronized boolean confirmed() {
            if (confirmedNanos == null) {
                confirmedNanos = System.nanoTime();
            }
            return isRecorded;
        }

        /** Notes that it is recorded; returns whether it is safe. */
        private synchronized boolean recorded() {
            isRecorded = true;
            return confirmedNanos != null;
        }

        private synchronized boolean isUnreadFor(Duration time) {
            return confirmedNanos != null && System.nanoTime() - confirmedNanos > time.toNanos();
        }
    }

    /** Adds a publish; its answer completes when it is safe, failed or late. */
    UnconfirmedPublish begin(UUID id, ActivityMessage message, Instant announcedAt) {
        UnconfirmedPublish publish = new UnconfirmedPublish(id, numbers.incrementAndGet(), message, announcedAt);
        pending.add(id, publish);
        return publish;
    }

    /** Waits until an order to forget is recorded; the future fails when that is late. */
    CompletableFuture<Void> await(UUID id) {
        return orders.add(id, new Pending()).answer();
    }

    Optional<UnconfirmedPublish> get(UUID id) {
        return pending.get(id);
    }

    /** Returns whether a publish or an order with this id is pending. */
    boolean isOpen(UUID id) {
        return pending.get(id).isPresent() || orders.get(id).isPresent();
    }

    /** Returns all publishes, oldest first. */
    List<UnconfirmedPublish> all() {
        return pending.all().stream()
                .sorted(Comparator.comparingLong(publish -> publish.number))
                .toList();
    }

    /** Returns whether one was confirmed by the broker longer ago than this, and has not been delivered. */
    boolean areUnreadFor(Duration time) {
        return pending.all().stream().anyMatch(publish -> publish.isUnreadFor(time));
    }

    /** Returns the number of publishes; orders to forget do not count. */
    int size() {
        return pending.size();
    }

    /** The broker has confirmed it. */
    void confirmed(UUID id) {
        if (get(id).filter(UnconfirmedPublish::confirmed).isPresent()) {
            pending.succeed(id);
        }
    }

    @Override
    public void recorded(UUID id) {
        if (get(id).filter(UnconfirmedPublish::recorded).isPresent()) {
            pending.succeed(id);
        }
        orders.succeed(id);
    }

    @Override
    public boolean isAwaited(UUID id) {
        return get(id).isPresent();
    }

    @Override
    public void notRecorded(UUID id, Exception cause) {
        fail(id, cause);
    }

    /** It is not known to be safe, and will not be sent again. */
    void fail(UUID id, Exception cause) {
        pending.fail(id, cause);
        orders.fail(id, cause);
    }

    /** Fails all, and all that come later. */
    void close() {
        pending.close();
        orders.close();
    }
}
