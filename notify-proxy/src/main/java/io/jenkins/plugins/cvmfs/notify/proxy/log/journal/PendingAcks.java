package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The callers that still wait to hear that the log has done what they asked for. Each hears something within the time limit. From
 * any thread; who is told, is told on the thread that brings the news.
 *
 * <p>One timer is set for all of them, for the one that waits longest, and stays set when that one has heard. To set and cancel one
 * for each, as {@link CompletableFuture#orTimeout} does, wakes the timer's thread twice for each.
 */
public final class PendingAcks {

    /** Runs something after a time. */
    interface Timer {
        void after(Duration delay, Runnable action);
    }

    private record Caller(CompletableFuture<Void> answer, long sinceNanos) {}

    private final Duration timeLimit;
    private final Timer timer;
    private final Map<UUID, Caller> byId = new ConcurrentHashMap<>();
    private final AtomicBoolean timed = new AtomicBoolean();
    private volatile boolean closed;

    /** @param timeLimit how long a caller waits */
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

    /** Begins to wait. The future completes normally, or with a {@link LogUnavailableException}. */
    public CompletableFuture<Void> add(UUID id) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        byId.put(id, new Caller(answer, System.nanoTime()));
        setTimer();
        if (closed) {
            fail(id, closed());
        }
        return answer;
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
            // It came just now, and still found the timer set.
            setTimer();
        }
    }

    /** Returns how long the next one may still wait; empty if none does. */
    private OptionalLong failLate() {
        long nowNanos = System.nanoTime();
        OptionalLong next = OptionalLong.empty();
        for (Map.Entry<UUID, Caller> waiting : byId.entrySet()) {
            long leftNanos =
                    timeLimit.toNanos() - (nowNanos - waiting.getValue().sinceNanos());
            if (leftNanos <= 0) {
                fail(
                        waiting.getKey(),
                        new LogUnavailableException("the log did not confirm within " + timeLimit, null));
            } else {
                next = OptionalLong.of(Math.min(leftNanos, next.orElse(leftNanos)));
            }
        }
        return next;
    }

    /** It is done. Nothing happens if the caller does not wait any more. */
    public void succeed(UUID id) {
        Optional.ofNullable(byId.remove(id)).ifPresent(caller -> caller.answer().complete(null));
    }

    /** It is not known to be done. Nothing happens if the caller does not wait any more. */
    public void fail(UUID id, Exception cause) {
        Optional.ofNullable(byId.remove(id))
                .ifPresent(caller -> caller.answer().completeExceptionally(unavailable(cause)));
    }

    private static LogUnavailableException unavailable(Exception problem) {
        return problem instanceof LogUnavailableException known
                ? known
                : new LogUnavailableException("the log failed: " + problem.getMessage(), problem);
    }

    /** Fails all that wait, and at once all that come later. */
    public void close() {
        closed = true;
        byId.keySet().forEach(id -> fail(id, closed()));
    }

    private static LogUnavailableException closed() {
        return new LogUnavailableException("the connection to the log was closed", null);
    }
}
