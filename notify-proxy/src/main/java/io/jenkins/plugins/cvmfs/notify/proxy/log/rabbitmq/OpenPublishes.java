package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of this proxy that it has not read back, one record for each. A publish is safe, and answered, when the broker has
 * confirmed it and its message has been delivered and recorded here: ahead of the stream if this proxy reads live, else when it is read.
 * Until it is answered, it is sent again by each session, with the same id, within its time limit. After that its record stays until its
 * message has been read, or a session that has read everything before its own fence has not found it: then it is a last value that the
 * stream lacks. Orders to forget wait here too, for the record only. From any thread.
 */
final class OpenPublishes extends PendingAcks {

    private final AtomicInteger orders = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();

    OpenPublishes(Duration timeLimit) {
        super(timeLimit);
    }

    /** A publish that has not been read back. Sending it is for the broker thread. */
    static final class OpenPublish extends Pending {

        private final UUID id;
        private final long number;
        private final ActivityMessage message;
        private final Instant announcedAt;
        private @Nullable ConfirmingPublisher sentBy;
        private boolean wasSentAgain;
        private volatile boolean mayComeTwice;
        private volatile @Nullable ConfirmingPublisher returnedBy;
        private @Nullable Long confirmedNanos;
        private boolean isRecorded;

        private OpenPublish(UUID id, long number, ActivityMessage message, Instant announcedAt, boolean mayComeTwice) {
            this.id = id;
            this.number = number;
            this.message = message;
            this.announcedAt = announcedAt;
            this.mayComeTwice = mayComeTwice;
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

        /** Returns the message, which the broker has confirmed. */
        IncomingMessage confirmedMessage() {
            return new IncomingMessage(message, id, announcedAt, Way.CONFIRMED);
        }

        /** Returns whether it need not be sent any more. From any thread. */
        boolean isDone() {
            return answer().isDone();
        }

        /** Returns whether this is the first time that this publisher sends it. */
        boolean isFirstSendBy(ConfirmingPublisher publisher) {
            boolean first = sentBy != publisher;
            mayComeTwice |= first && sentBy != null;
            sentBy = publisher;
            return first;
        }

        /** Returns whether it may stand in the stream once more, and before the place that the broker confirms. From any thread. */
        boolean mayComeTwice() {
            return mayComeTwice;
        }

        /** Makes one more send possible after no queue took it; returns false if that has happened before. */
        boolean maySendAgain() {
            boolean first = !wasSentAgain;
            wasSentAgain = true;
            mayComeTwice = true;
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

        /** Returns whether it is safe. */
        @Override
        protected synchronized boolean recorded() {
            isRecorded = true;
            return confirmedNanos != null;
        }

        private synchronized boolean isUnreadFor(Duration time) {
            return confirmedNanos != null && System.nanoTime() - confirmedNanos > time.toNanos();
        }
    }

    /**
     * Adds a publish; its answer completes when it is safe, failed or late.
     *
     * @param mayComeTwice whether other proxies may publish it with the same id
     */
    OpenPublish begin(UUID id, ActivityMessage message, Instant announcedAt, boolean mayComeTwice) {
        OpenPublish publish = new OpenPublish(id, numbers.incrementAndGet(), message, announcedAt, mayComeTwice);
        add(id, publish);
        return publish;
    }

    /** Waits until an order to forget is recorded; the future fails when that is late. */
    @Override
    public CompletableFuture<Void> await(UUID id) {
        orders.incrementAndGet();
        return super.await(id).whenComplete((recorded, failure) -> orders.decrementAndGet());
    }

    Optional<OpenPublish> get(UUID id) {
        return pending(id) instanceof OpenPublish publish ? Optional.of(publish) : Optional.empty();
    }

    /** Returns the message of the publish with this id, which need not be parsed again; empty if these are not its bytes. */
    Optional<ActivityMessage> message(@Nullable UUID id, byte[] raw) {
        return Optional.ofNullable(id)
                .flatMap(this::get)
                .map(OpenPublish::message)
                .filter(own -> Arrays.equals(own.raw(), raw));
    }

    /** Returns whether a publish or an order with this id is pending. */
    boolean isOpen(UUID id) {
        return pending(id) != null;
    }

    private Stream<OpenPublish> publishes() {
        return pending().stream().filter(OpenPublish.class::isInstance).map(OpenPublish.class::cast);
    }

    /** Returns all publishes, oldest first. */
    List<OpenPublish> all() {
        return publishes()
                .sorted(Comparator.comparingLong(publish -> publish.number))
                .toList();
    }

    /** Returns whether one was confirmed by the broker longer ago than this, and has not been read. */
    boolean areUnreadFor(Duration time) {
        return publishes().anyMatch(publish -> publish.isUnreadFor(time));
    }

    /** Returns the number of publishes; orders to forget do not count. */
    int size() {
        return pending().size() - orders.get();
    }

    /** The broker has confirmed it. Returns whether it is still to be recorded. */
    boolean confirmed(UUID id) {
        Optional<OpenPublish> publish = get(id);
        boolean isSafe = publish.filter(OpenPublish::confirmed).isPresent();
        if (isSafe) {
            succeed(id);
        }
        return publish.isPresent() && !isSafe;
    }

    /** No queue takes its message. */
    void failUnroutable(UUID id) {
        fail(id, new LogUnavailableException("the broker has no queue that takes the message", null));
    }

    /** Ends the records of messages that earlier sessions have delivered ahead of the stream: they are not in it. */
    void closeUnread() {
        publishes().filter(Pending::isUnread).forEach(publish -> succeed(publish.id));
    }
}
