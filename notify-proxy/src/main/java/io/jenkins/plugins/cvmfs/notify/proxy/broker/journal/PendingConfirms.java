package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.admission.LogUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The callers that still wait to hear that the log has done what they asked for. Each hears something within the time limit. From
 * any thread; who is told, is told on the thread that brings the news.
 */
public final class PendingConfirms {

    private final Duration timeLimit;
    private final Map<UUID, CompletableFuture<Void>> byId = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param timeLimit how long a caller waits */
    public PendingConfirms(Duration timeLimit) {
        this.timeLimit = timeLimit;
    }

    /** Begins to wait. The future completes normally, or with a {@link LogUnavailableException}. */
    public CompletableFuture<Void> add(UUID id) {
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        byId.put(id, outcome);
        // Not the outcome itself, so that who waits gets the exception bare and with a sentence.
        CompletableFuture<Void> answer = new CompletableFuture<>();
        var unused = outcome.orTimeout(timeLimit.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, problem) -> {
                    byId.remove(id);
                    if (problem == null) {
                        answer.complete(null);
                    } else {
                        answer.completeExceptionally(unavailable(problem));
                    }
                });
        if (closed) {
            fail(id, closed());
        }
        return answer;
    }

    private LogUnavailableException unavailable(Throwable problem) {
        if (problem instanceof TimeoutException) {
            return new LogUnavailableException("the log did not confirm within " + timeLimit, problem);
        }
        return problem instanceof LogUnavailableException known
                ? known
                : new LogUnavailableException("the log failed: " + problem.getMessage(), problem);
    }

    /** It is done. Nothing happens if the caller does not wait any more. */
    public void succeed(UUID id) {
        Optional.ofNullable(byId.get(id)).ifPresent(outcome -> outcome.complete(null));
    }

    /** It is not known to be done. Nothing happens if the caller does not wait any more. */
    public void fail(UUID id, Exception cause) {
        Optional.ofNullable(byId.get(id)).ifPresent(outcome -> outcome.completeExceptionally(cause));
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
