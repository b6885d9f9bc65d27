package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Answers that many share, and answers that nobody waits for. */
class BlockingRouteTest {

    private final List<String> answers = new ArrayList<>();
    private long nanos = -7;

    @Test
    void anAnswerIsSharedForItsTimeAndThenReadAgain() {
        Counting route = new Counting(Runnable::run);

        ask(route);
        pass(Duration.ofMillis(999));
        ask(route);
        pass(Duration.ofMillis(1));
        ask(route);

        assertThat(answers).containsExactly("200 reading 1", "200 reading 1", "200 reading 2");
    }

    @Test
    void anErrorIsNotShared() {
        Counting route = new Counting(Runnable::run);
        route.fails = true;
        ask(route);
        route.fails = false;

        ask(route);

        assertThat(answers)
                .containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}", "200 reading 2");
    }

    @Test
    void aThreadThatTakesNoMoreIsSaidAndNotRemembered() {
        List<Boolean> takesMore = new ArrayList<>(List.of(false, true));
        Counting route = new Counting(task -> {
            if (!takesMore.remove(0)) {
                throw new RejectedExecutionException();
            }
            task.run();
        });

        ask(route);
        ask(route);

        assertThat(answers).containsExactly("503 {\"reason\":\"busy\",\"status\":\"error\"}", "200 reading 1");
    }

    /** Else the exchange would never end, and its connection stay open for ever. */
    @Test
    void evenAnEndpointThatRunsOutOfMemoryIsAnswered() {
        Counting route = new Counting(Runnable::run);
        route.outOfMemory = true;

        ask(route);

        assertThat(answers).containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}");
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private void ask(Route route) {
        Response response = TestRequest.answer(route, TestRequest.get("/counted"));
        answers.add(response.status() + " " + response.body());
    }

    private final class Counting extends BlockingRoute {

        boolean fails;
        boolean outOfMemory;
        private int readings;

        Counting(Executor executor) {
            super(executor, Duration.ofSeconds(1), () -> nanos);
        }

        @Override
        public boolean serves(String path) {
            return path.equals("/counted");
        }

        @Override
        protected Response get(Request request) {
            readings++;
            if (fails) {
                throw new IllegalStateException("broken on purpose");
            }
            if (outOfMemory) {
                throw new OutOfMemoryError("on purpose");
            }
            return new Response(200, "text/plain", "reading " + readings);
        }
    }
}
