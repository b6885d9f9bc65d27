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

class RetryPolicyTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final ManualTimer timer = new ManualTimer();
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
        return RetryPolicy.run(timer, "it", new RetryPlan(most, attemptLimit, totalLimit, pauses), attempt);
    }

    @Test
    void theFirstSuccessEndsIt() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("reset"));
        timer.advance(Duration.ofSeconds(1));

        begun.get(1).complete("done");

        assertThat(outcome).isCompletedWithValue("done");
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void whoListensHearsOfEachFailureThatIsFollowedByAnotherAttempt() {
        List<String> heard = new ArrayList<>();
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        CompletableFuture<String> outcome = RetryPolicy.run(
                timer,
                "it",
                new RetryPlan(2, LONG, LONG, pauses),
                number -> CompletableFuture.failedFuture(new IOException("reset " + number)),
                (attempt, reason, pause) -> heard.add("%d %s %s".formatted(attempt, reason, pause)));

        timer.advance(Duration.ofSeconds(1));

        assertThat(outcome).isCompletedExceptionally();
        assertThat(heard).containsExactly("1 it: the connection broke: reset 1 PT1S");
    }

    @Test
    void aListenerThatFailsIsNotTheEndOfTheAttempts() {
        BackOff pauses = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(8), () -> 1);
        CompletableFuture<String> outcome = RetryPolicy.run(
                timer,
                "it",
                new RetryPlan(2, LONG, LONG, pauses),
                number -> number == 1
                        ? CompletableFuture.failedFuture(new IOException("reset"))
                        : CompletableFuture.completedFuture("done"),
                (attempt, reason, pause) -> {
                    throw new IllegalStateException("the listener's mistake");
                });

        timer.advance(Duration.ofSeconds(1));

        assertThat(outcome).isCompletedWithValue("done");
    }

    @Test
    void aLaterAttemptThatEndsInAnErrorEndsTheOutcome() {
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
    void afterTheLastAttemptItsFailureIsTheOutcome() {
        CompletableFuture<String> outcome = run(2, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("first"));
        timer.advance(Duration.ofSeconds(1));

        begun.get(1).completeExceptionally(new IOException("second"));

        assertThatThrownBy(outcome::join)
                .cause()
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("it: the connection broke: second");
    }

    @Test
    void whenThePauseWouldPassTheTimeLimitTheLastFailureIsReportedAtOnce() {
        CompletableFuture<String> outcome = run(
                100, LONG, Duration.ofSeconds(10), number -> CompletableFuture.failedFuture(new IOException("down")));

        timer.advance(Duration.ofSeconds(7));

        assertThatThrownBy(outcome::join)
                .cause()
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("gave up after 4 attempts: it: the connection broke: down");
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
    void whatWillFailAgainIsNotTriedAgain() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);

        begun.get(0).completeExceptionally(new RefusedException("no"));

        assertThatThrownBy(outcome::join).hasCauseInstanceOf(RefusedException.class);
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void anAttemptThatCannotEvenBeginEndsTheOutcome() {
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
    void cancellingTheOutcomeDuringAPauseEndsIt() {
        CompletableFuture<String> outcome = run(5, LONG, LONG);
        begun.get(0).completeExceptionally(new IOException("reset"));

        outcome.cancel(true);

        assertThat(timer.delays()).isEmpty();
        assertThat(begun).hasSize(1);
    }
}
