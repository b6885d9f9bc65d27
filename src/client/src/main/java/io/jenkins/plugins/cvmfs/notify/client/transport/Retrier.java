package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * Runs something that may fail, attempt by attempt, until one succeeds, the policy gives up, or the caller cancels. Holds no thread.
 * One for a network: when it is closed, every outcome that is not done is cancelled, so that no caller waits for ever.
 */
final class Retrier {

    /** With less time an attempt would fail for that alone, and hide why the one before failed. */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofSeconds(1);

    /**
     * The limits of one run.
     *
     * @param mostAttempts the number of attempts, 1 or more
     * @param attemptLimit the longest time for one attempt; shortened to what the total leaves, unless there is one attempt only
     * @param totalLimit the longest time from the start of the first attempt
     * @param pauses the pauses between attempts
     */
    record Policy(int mostAttempts, Duration attemptLimit, Duration totalLimit, BackOff pauses) {}

    private final Timer timer;
    private final Set<Run<?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    Retrier(Timer timer) {
        this.timer = timer;
    }

    /**
     * Begins the first attempt. Only a {@link TransientFailureException} that is no {@link NotFoundException} is retried.
     *
     * @param target the URL or path, for messages
     * @param listener notified of each failed attempt that another one follows, unless the outcome is cancelled meanwhile
     * @param attempt begins one attempt, given its number from 1; the future it returns is cancelled when it takes too long
     * @return fails with a {@link NotifyException} or is cancelled, nothing else; cancelling it cancels the current attempt
     */
    <T> CompletableFuture<T> run(
            String target,
            Policy policy,
            PublisherSettings.RetryListener listener,
            IntFunction<CompletableFuture<T>> attempt) {
        Run<T> run = new Run<>(target, policy, listener, attempt);
        open.add(run);
        Futures.whenDone(run.outcome, (value, failure) -> {
            open.remove(run);
            run.stopCurrent.run();
        });
        run.begin(1);
        if (isClosed) {
            run.outcome.cancel(true);
        }
        return run.outcome;
    }

    /** Cancels every outcome, also those of later runs. */
    void close() {
        isClosed = true;
        open.forEach(run -> run.outcome.cancel(true));
    }

    private final class Run<T> {

        private final String target;
        private final Policy policy;
        private final PublisherSettings.RetryListener listener;
        private final IntFunction<CompletableFuture<T>> attempt;
        private final Duration startedAt = timer.uptime();
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private volatile Runnable stopCurrent = () -> {};

        Run(
                String target,
                Policy policy,
                PublisherSettings.RetryListener listener,
                IntFunction<CompletableFuture<T>> attempt) {
            this.target = target;
            this.policy = policy;
            this.listener = listener;
            this.attempt = attempt;
        }

        void begin(int number) {
            if (outcome.isDone()) {
                return;
            }
            CompletableFuture<T> current = Futures.begin(() -> attempt.apply(number));
            Duration limit = attemptLimit();
            Timer.Alarm alarm = timer.after(
                    limit,
                    () -> current.completeExceptionally(new TransientFailureException(
                            "%s: no answer within %d s".formatted(target, limit.toSeconds()),
                            new HttpTimeoutException("no answer"))));
            stopWith(() -> current.cancel(true));
            Futures.whenDone(current, (value, failure) -> {
                alarm.cancel();
                if (failure == null) {
                    outcome.complete(value);
                } else {
                    failed(number, HttpErrors.of(target, failure));
                }
            });
        }

        private Duration attemptLimit() {
            Duration left = policy.totalLimit().minus(elapsed());
            return policy.mostAttempts() == 1 || left.compareTo(policy.attemptLimit()) > 0
                    ? policy.attemptLimit()
                    : left;
        }

        private void failed(int number, NotifyException failure) {
            if (outcome.isDone()) {
                return;
            }
            if (number >= policy.mostAttempts()
                    || !(failure instanceof TransientFailureException)
                    || failure instanceof NotFoundException) {
                outcome.completeExceptionally(failure);
                return;
            }
            Duration pause = policy.pauses().next(failure);
            if (elapsed().plus(pause).plus(SHORTEST_ATTEMPT).compareTo(policy.totalLimit()) > 0) {
                outcome.completeExceptionally(new TransientFailureException(
                        "gave up after %d attempt%s: %s"
                                .formatted(number, number == 1 ? "" : "s", failure.getMessage()),
                        failure));
                return;
            }
            // The alarm first: a listener that throws must not end the attempts.
            Timer.Alarm alarm = timer.after(pause, () -> begin(number + 1));
            stopWith(alarm::cancel);
            listener.failed(number, failure.getMessage(), pause);
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
}
