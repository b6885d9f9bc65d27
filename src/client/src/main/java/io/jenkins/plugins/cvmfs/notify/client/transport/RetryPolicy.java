package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * Tries something, one attempt after the other, until one succeeds, the plan gives up or the caller cancels. Holds no thread.
 * Cancelling the outcome cancels the attempt that is under way.
 */
final class RetryPolicy<T> {

    /** An attempt with less time would fail for that alone, and hide why the one before failed. */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofSeconds(1);

    private final Timer timer;
    private final String target;
    private final RetryPlan plan;
    private final IntFunction<CompletableFuture<T>> attempt;
    private final RetryListener listener;
    private final Duration startedAt;
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private volatile Runnable stopCurrent = () -> {};

    private RetryPolicy(
            Timer timer,
            String target,
            RetryPlan plan,
            IntFunction<CompletableFuture<T>> attempt,
            RetryListener listener) {
        this.timer = timer;
        this.target = target;
        this.plan = plan;
        this.attempt = attempt;
        this.listener = listener;
        this.startedAt = timer.uptime();
        Chain.whenDone(outcome, (value, failure) -> stopCurrent.run());
    }

    /**
     * Begins.
     *
     * @param target what is asked, for messages
     * @param attempt begins one attempt, given its number from 1; the future it returns is cancelled when it takes too long
     * @return fails with a {@link NotifyException} or is cancelled, nothing else
     */
    static <T> CompletableFuture<T> run(
            Timer timer, String target, RetryPlan plan, IntFunction<CompletableFuture<T>> attempt) {
        return run(timer, target, plan, attempt, RetryListener.NONE);
    }

    /** The same, with somebody who hears of each failure that is followed by another attempt. */
    static <T> CompletableFuture<T> run(
            Timer timer,
            String target,
            RetryPlan plan,
            IntFunction<CompletableFuture<T>> attempt,
            RetryListener listener) {
        RetryPolicy<T> attempts = new RetryPolicy<>(timer, target, plan, attempt, listener);
        attempts.begin(1);
        return attempts.outcome;
    }

    private void begin(int number) {
        if (outcome.isDone()) {
            return;
        }
        CompletableFuture<T> current = startSafely(number);
        Duration limit = limitOfAttempt();
        Timer.Alarm alarm = timer.after(
                limit,
                () -> current.completeExceptionally(new TransientFailureException(
                        "%s: no answer within %d s".formatted(target, limit.toSeconds()))));
        stopWith(() -> current.cancel(true));
        Chain.whenDone(current, (value, failure) -> {
            alarm.cancel();
            if (failure == null) {
                outcome.complete(value);
            } else {
                failed(number, HttpErrors.of(target, failure));
            }
        });
    }

    private CompletableFuture<T> startSafely(int number) {
        try {
            return attempt.apply(number);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Duration limitOfAttempt() {
        Duration left = plan.totalLimit().minus(elapsed());
        return plan.mostAttempts() == 1 || left.compareTo(plan.attemptLimit()) > 0 ? plan.attemptLimit() : left;
    }

    private void failed(int number, NotifyException failure) {
        if (!plan.allowsAnother(number, failure)) {
            outcome.completeExceptionally(failure);
            return;
        }
        Duration pause = plan.pauseAfter(failure);
        if (elapsed().plus(pause).plus(SHORTEST_ATTEMPT).compareTo(plan.totalLimit()) > 0) {
            outcome.completeExceptionally(gaveUp(number, failure));
        } else {
            // First the alarm: a listener that fails is not to be the end of the attempts.
            Timer.Alarm alarm = timer.after(pause, () -> begin(number + 1));
            stopWith(alarm::cancel);
            listener.failed(number, String.valueOf(failure.getMessage()), pause);
        }
    }

    private static TransientFailureException gaveUp(int attempts, NotifyException last) {
        return new TransientFailureException(
                "gave up after %d attempt%s: %s".formatted(attempts, attempts == 1 ? "" : "s", last.getMessage()),
                last);
    }

    private Duration elapsed() {
        return timer.uptime().minus(startedAt);
    }

    private void stopWith(Runnable stop) {
        stopCurrent = stop;
        if (outcome.isDone()) {
            stop.run();
        }
    }
}
