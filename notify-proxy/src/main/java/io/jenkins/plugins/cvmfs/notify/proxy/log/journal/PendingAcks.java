package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks.Pending;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The requests that the log has not yet acknowledged. Each is completed within the time limit. From any thread; futures are completed
 * on the thread that brings the outcome.
 *
 * <p>One timer is set for all of them, for the one that has waited longest, and stays set when that one is completed. To set and cancel
 * one for each, as {@link CompletableFuture#orTimeout} does, wakes the timer's thread twice for each.
 *
 * @param <P> a pending request
 */
public final class PendingAcks<P extends Pending> {

    /** A request that waits for its acknowledgement; subclasses add what else is known of it. */
    public static class Pending {

        private final CompletableFuture<Void> answer = new CompletableFuture<>();
        private final long sinceNanos = System.nanoTime();
        private volatile boolean isKept;

        /**
         * Completes normally when it is done, with a {@link LogUnavailableException} when it is not known to be, or with a {@link
         * LogRefusalException}.
         */
        public final CompletableFuture<Void> answer() {
            return answer;
        }

        /** Returns whether it stays here although it may have its answer. */
        public final boolean isKept() {
            return isKept;
        }
    }

    /** Runs something after a time. */
    interface Timer {

        void after(Duration delay, Runnable action);
    }

    private final Duration timeLimit;
    private final Timer timer;
    private final Map<UUID, P> byId = new ConcurrentHashMap<>();
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

    /** Adds a request; returns it, or one that has failed already if this is closed. */
    public P add(UUID id, P request) {
        byId.put(id, request);
        setTimer();
        if (closed) {
            fail(id, closed());
        }
        return request;
    }

    /** Returns a request that is still pending. */
    public Optional<P> get(UUID id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** All pending requests, in no order. */
    public Collection<P> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    public int size() {
        return byId.size();
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
        for (Map.Entry<UUID, P> waiting : byId.entrySet()) {
            if (((Pending) waiting.getValue()).answer.isDone()) {
                continue;
            }
            long leftNanos = timeLimit.toNanos() - (nowNanos - ((Pending) waiting.getValue()).sinceNanos);
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

    /** Keeps a request, whatever its outcome, until it {@linkplain #succeed succeeds}. Returns whether it is still pending. */
    public boolean keep(UUID id) {
        return byId.computeIfPresent(id, (same, request) -> {
                    ((Pending) request).isKept = true;
                    return request;
                })
                != null;
    }

    /** Completes a request that is kept. */
    public void answer(UUID id) {
        get(id).ifPresent(request -> request.answer().complete(null));
    }

    /** Completes a request. Nothing happens if it is no longer pending. */
    public void succeed(UUID id) {
        Pending request = byId.remove(id);
        if (request != null) {
            request.answer.complete(null);
        }
    }

    /** Fails a request that is refused, or not known to be done. Nothing happens if it is no longer pending. */
    public void fail(UUID id, Exception cause) {
        Pending request = byId.get(id);
        byId.computeIfPresent(id, (same, pending) -> ((Pending) pending).isKept ? pending : null);
        if (request != null) {
            request.answer.completeExceptionally(
                    cause instanceof LogUnavailableException || cause instanceof LogRefusalException
                            ? cause
                            : new LogUnavailableException("the log failed: " + cause.getMessage(), cause));
        }
    }

    /** Fails all requests, and at once all that are added later. */
    public void close() {
        closed = true;
        byId.keySet().forEach(id -> fail(id, closed()));
    }

    private static LogUnavailableException closed() {
        return new LogUnavailableException("the connection to the log was closed", null);
    }
}
