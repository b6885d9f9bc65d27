package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PendingAcksTest {

    private static final Duration SHORT = Duration.ofNanos(1);
    private static final Duration LONG = Duration.ofHours(1);

    private final Queue<Runnable> timers = new ArrayDeque<>();

    private PendingAcks within(Duration timeLimit) {
        return new PendingAcks(timeLimit, (delay, action) -> timers.add(action));
    }

    private static CompletableFuture<Void> add(PendingAcks pending, int id) {
        return pending.await(new UUID(0, id));
    }

    @Test
    void manyCallersShareOneTimer() {
        PendingAcks pending = within(LONG);

        for (int id = 0; id < 100; id++) {
            CompletableFuture<Void> answer = add(pending, id);
            pending.succeed(new UUID(0, id));
            assertThat(answer).isCompleted();
        }

        assertThat(timers).hasSize(1);
    }

    @Test
    void aCallerThatWaitsTooLongGetsAnErrorWithTheLimit() {
        PendingAcks pending = within(SHORT);
        CompletableFuture<Void> answer = add(pending, 1);

        timers.remove().run();

        assertThat(answer.handle((done, failure) -> failure).join())
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageMatching("the log did not confirm within \\d+(ms|s)");
        assertThat(timers).isEmpty();
    }

    @Test
    void oneThatMayWaitLongerIsTimedAgain() {
        PendingAcks pending = within(LONG);
        CompletableFuture<Void> answer = add(pending, 1);

        timers.remove().run();

        assertThat(answer).isNotDone();
        assertThat(timers).hasSize(1);
    }

    @Test
    void oneThatComesAfterAllAreAnsweredIsTimedAnew() {
        PendingAcks pending = within(SHORT);
        add(pending, 1);
        pending.succeed(new UUID(0, 1));
        timers.remove().run();

        CompletableFuture<Void> answer = add(pending, 2);
        timers.remove().run();

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void theRealTimerCallsToo() {
        PendingAcks pending = new PendingAcks(Duration.ofMillis(1));

        CompletableFuture<Void> answer = add(pending, 1);

        assertThat(answer)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class);
    }
}
