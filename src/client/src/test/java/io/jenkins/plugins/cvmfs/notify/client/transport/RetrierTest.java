package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class RetrierTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final ManualTimer timer = new ManualTimer();
    private final Retrier retrier = new Retrier(timer);
    private final List<CompletableFuture<String>> begun = new ArrayList<>();

    private CompletableFuture<String> run(int most, Duration attemptLimit, Duration totalLimit) {
        return run(most, attemptLimit, totalLimit, number -> {
            CompletableFuture<String> attempt = new CompletableFuture<>();
            begun.add(attempt);
            return attempt;
        });
    }

    private CompletableFuture<String> run(
            int most, Duration attemptLimit, Duration totalLimit, IntFunction<CompletableFuture<String>> attempt) {
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        return retrier.run(
                "it",
                new Retrier.Policy(most, attemptLimit, totalLimit, pauses),
                (number, reason, pause) -> {},
                attempt);
    }

    @Test
    void theFirstSuccessIsTheOutcome() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("reset"));
        timer.advance(Duration.ofSeconds(1));

        begun.get(1).complete("done");

        assertThat(outcome).isCompletedWithValue("done");
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void theListenerIsNotifiedOfEachFailureThatAnotherAttemptFollows() {
        List<String> notified = new ArrayList<>();
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        CompletableFuture<String> outcome = retrier.run(
                "it",
                new Retrier.Policy(2, LONG, LONG, pauses),
                (attempt, reason, pause) -> notified.add("%d %s %s".formatted(attempt, reason, pause)),
                number -> CompletableFuture.failedFuture(new IOException("reset " + number)));

        timer.advance(Duration.ofSeconds(1));

        assertThat(outcome).isCompletedExceptionally();
        assertThat(notified).containsExactly("1 it: the connection failed: reset 1 PT1S");
    }

    @Test
    void aListenerThatThrowsDoesNotEndTheAttempts() {
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        CompletableFuture<String> outcome = retrier.run(
                "it",
                new Retrier.Policy(2, LONG, LONG, pauses),
                (attempt, reason, pause) -> {
                    throw new IllegalStateException("the listener's mistake");
                },
                number -> number == 1
                        ? CompletableFuture.failedFuture(new IOException("reset"))
                        : CompletableFuture.completedFuture("done"));

        timer.advance(Duration.ofSeconds(1));

        assertThat(outcome).isCompletedWithValue("done");
    }

    @Test
    void anErrorInALaterAttemptFailsTheOutcome() {
        CompletableFuture<String> outcome = run(2, LONG, LONG, number -> {
            if (number == 1) {
                return CompletableFuture.failedFuture(new IOException("reset"));
            }
            throw new NoClassDefFoundError("gone");
        });

        timer.advance(Duration.ofSeconds(1));

        assertThatThrownBy(outcome::join).hasRootCauseInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void theFailureOfTheLastAttemptIsTheOutcome() {
        CompletableFuture<String> outcome = run(2, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("first"));
        timer.advance(Duration.ofSeconds(1));

        begun.get(1).completeExceptionally(new IOException("second"));

        assertThatThrownBy(outcome::join)
                .cause()
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("it: the connection failed: second");
    }

    @Test
    void aPauseThatWouldExceedTheTimeLimitFailsTheOutcomeAtOnce() {
        CompletableFuture<String> outcome = run(
                100, LONG, Duration.ofSeconds(10), number -> CompletableFuture.failedFuture(new IOException("down")));

        timer.advance(Duration.ofSeconds(7));

        assertThatThrownBy(outcome::join)
                .cause()
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("gave up after 4 attempts: it: the connection failed: down");
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void anAttemptThatTakesTooLongIsCancelledAndTheNextBegins() {
        run(2, Duration.ofSeconds(30), LONG);

        timer.advance(Duration.ofSeconds(31));

        assertThat(begun).hasSize(2);
        assertThat(begun.get(0)).isCompletedExceptionally();
        assertThat(begun.get(1)).isNotDone();
    }

    @Test
    void aPermanentFailureIsNotRetried() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);

        begun.get(0).completeExceptionally(new RefusedException("no"));

        assertThatThrownBy(outcome::join).hasCauseInstanceOf(RefusedException.class);
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void anAttemptThatCannotBeginFailsTheOutcome() {
        CompletableFuture<String> outcome = run(1, LONG, LONG, number -> {
            throw new IllegalStateException("closed");
        });

        assertThat(outcome).isCompletedExceptionally();
    }

    @Test
    void cancellingTheOutcomeCancelsTheAttempt() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);

        outcome.cancel(true);

        assertThat(begun.get(0)).isCancelled();
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void cancellingTheOutcomeIsNotReportedAsAFailureThatAnotherAttemptFollows() {
        List<Integer> notified = new ArrayList<>();
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        CompletableFuture<String> outcome = retrier.run(
                "it",
                new Retrier.Policy(5, LONG, LONG, pauses),
                (number, reason, pause) -> notified.add(number),
                number -> new CompletableFuture<>());

        outcome.cancel(true);

        assertThat(notified).isEmpty();
    }

    @Test
    void cancellingTheOutcomeDuringAPauseCancelsThePause() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("reset"));

        outcome.cancel(true);

        assertThat(timer.delays()).isEmpty();
        assertThat(begun).hasSize(1);
    }
}
