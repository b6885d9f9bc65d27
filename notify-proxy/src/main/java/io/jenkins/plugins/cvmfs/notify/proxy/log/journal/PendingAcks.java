package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The requests that the log has not yet acknowledged. Each is completed within the time limit. From any thread; futures are completed
 * on the thread that brings the outcome: what becomes of messages and of orders to forget the recording thread tells, in {@link #recorded}
 * and the methods after it, none of which blocks.
 *
 * <p>One timer is set for all of them, for the one that has waited longest, and stays set when that one is completed. To set and cancel
 * one for each, as {@link CompletableFuture#orTimeout} does, wakes the timer's thread twice for each.
 */
public class PendingAcks {

    /** A request that waits for its acknowledgement; subclasses add what else is known of it. */
    public static class Pending {

        private final CompletableFuture<Void> answer = new CompletableFuture<>();
        private final long sinceNanos = System.nanoTime();
        private volatile boolean isUnread;

        /**
         * Completes normally when it is done, with a {@link LogUnavailableException} when it is not known to be, or with a {@link
         * LogRefusalException}.
         */
        public final CompletableFuture<Void> answer() {
            return answer;
        }

        /** Returns whether it stands in the stream behind everything that has been read; it stays here although it may have its answer. */
        public final boolean isUnread() {
            return isUnread;
        }

        /** Notes that it is recorded; returns whether it is done. */
        protected boolean recorded() {
            return true;
        }
    }

    /** Runs something after a time. */
    interface Timer {

        void after(Duration delay, Runnable action);
    }

    private final Duration timeLimit;
    private final Timer timer;
    private final Map<UUID, Pending> byId = new ConcurrentHashMap<>();
    private final AtomicBoolean timed = new AtomicBoolean();
    private volatile boolean closed;

    /** @param timeLimit how long a request waits */
    public PendingAcks(Duration timeLimit) {
        this(
                timeLimit,
                (delay, action) -> CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS)
                        .execute(action));
    }

    PendingAcks(Duration timeLimit, Timer timer) {
        this.timeLimit = timeLimit;
        this.timer = timer;
    }

    /** Adds a request of which nothing else is known; returns its answer. */
    public CompletableFuture<Void> await(UUID id) {
        Pending request = new Pending();
        add(id, request);
        return request.answer;
    }

    /** Adds a request; it fails at once if this is closed. */
    protected final void add(UUID id, Pending request) {
        byId.put(id, request);
        setTimer();
        if (closed) {
            fail(id, closed());
        }
    }

    /** Returns a request that is still pending. */
    protected final @Nullable Pending pending(UUID id) {
        return byId.get(id);
    }

    /** All pending requests, in no order. */
    protected final Collection<Pending> pending() {
        return Collections.unmodifiableCollection(byId.values());
    }

    private void setTimer() {
        if (timed.compareAndSet(false, true)) {
            timer.after(timeLimit, this::timePassed);
        }
    }

    private void timePassed() {
        OptionalLong leftNanos = failLate();
        if (leftNanos.isPresent()) {
            timer.after(Duration.ofNanos(leftNanos.getAsLong()), this::timePassed);
            return;
        }
        timed.set(false);
        if (!byId.isEmpty()) {
            // It was added just now, and still found the timer set.
            setTimer();
        }
    }

    /** Returns how long the next one may still wait; empty if none does. */
    private OptionalLong failLate() {
        long nowNanos = System.nanoTime();
        OptionalLong next = OptionalLong.empty();
        for (Map.Entry<UUID, Pending> waiting : byId.entrySet()) {
            if (waiting.getValue().answer.isDone()) {
                continue;
            }
            long leftNanos = timeLimit.toNanos() - (nowNanos - waiting.getValue().sinceNanos);
            if (leftNanos <= 0) {
                fail(
                        waiting.getKey(),
                        new LogUnavailableException(
                                "the log did not confirm within " + DurationText.of(timeLimit), null));
            } else {
                next = OptionalLong.of(Math.min(leftNanos, next.orElse(leftNanos)));
            }
        }
        return next;
    }

    /** It is recorded, now or earlier, and has been delivered. One of a stream has been read. */
    public void recorded(UUID id) {
        Pending request = byId.get(id);
        if (request != null && request.recorded()) {
            succeed(id);
        }
    }

    /**
     * Notes that a message, which the broker has confirmed, is about to be delivered ahead of the stream; from then on it {@link #isUnread},
     * whatever its outcome, until it is {@link #recorded}. Returns false if it must not be, as it is no longer pending.
     */
    public boolean mayDeliverUnread(UUID id) {
        return byId.computeIfPresent(id, (same, request) -> {
                    request.isUnread = true;
                    return request;
                })
                != null;
    }

    /** The message is recorded, and has been delivered ahead of the stream. */
    public void deliveredUnread(UUID id) {
        Pending request = byId.get(id);
        if (request != null) {
            request.answer.complete(null);
        }
    }

    /** Returns whether the message stands in the stream behind everything that has been read, and is delivered ahead of that. */
    public boolean isUnread(UUID id) {
        Pending request = byId.get(id);
        return request != null && request.isUnread;
    }

    /** Returns whether a publisher of this proxy waits for this message, which is then on the disk before it is recorded. */
    public boolean isAwaited(UUID id) {
        Pending request = byId.get(id);
        return request != null && !request.answer.isDone();
    }

    /** Completes a request. Nothing happens if it is no longer pending. */
    public final void succeed(UUID id) {
        Pending request = byId.remove(id);
        if (request != null) {
            request.answer.complete(null);
        }
    }

    /**
     * Fails a request that is refused, or not known to be done, such as a message that could not be made safe, but perhaps was delivered.
     * Nothing happens if it is no longer pending.
     */
    public void fail(UUID id, Exception cause) {
        Pending request = byId.get(id);
        byId.computeIfPresent(id, (same, pending) -> pending.isUnread ? pending : null);
        if (request != null) {
            request.answer.completeExceptionally(
                    cause instanceof LogUnavailableException || cause instanceof LogRefusalException
                            ? cause
                            : new LogUnavailableException("the log failed: " + cause.getMessage(), cause));
        }
    }

    /** Fails all requests, and at once all that are added later. */
    public final void close() {
        closed = true;
        byId.keySet().forEach(id -> fail(id, closed()));
    }

    private static LogUnavailableException closed() {
        return new LogUnavailableException("the connection to the log was closed", null);
    }
}
