package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers that many share, and answers that nobody waits for. */
@ExtendWith(LeakGuard.class)
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
        route.error = new OutOfMemoryError("on purpose");

        ask(route);

        assertThat(answers).containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}");
    }

    /** Else nobody who asks later would be answered either. */
    @Test
    void anyErrorIsAnsweredAndThenPassedOn() {
        List<Throwable> passedOn = new ArrayList<>();
        Counting route = new Counting(task -> passedOn.add(catchThrowable(task::run)));
        route.error = new NoClassDefFoundError("on purpose");
        ask(route);
        assertThat(passedOn).containsExactly(route.error);
        route.error = null;

        ask(route);

        assertThat(answers)
                .containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}", "200 reading 2");
    }

    @Test
    void aThreadThatCannotBeStartedIsAnsweredAndNotRemembered() {
        List<Executor> threads = List.of(
                task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                },
                task -> {
                    throw new IllegalStateException("on purpose");
                },
                Runnable::run);
        Iterator<Executor> next = threads.iterator();
        Counting route = new Counting(task -> next.next().execute(task));

        ask(route);
        ask(route);
        ask(route);

        String failed = "500 {\"reason\":\"internal_error\",\"status\":\"error\"}";
        assertThat(answers).containsExactly(failed, failed, "200 reading 1");
    }

    @Test
    void aSharedAnswerIsEncodedOnceForAllConnections() {
        Counting route = new Counting(Runnable::run);
        EmbeddedChannel one = new EmbeddedChannel();
        EmbeddedChannel other = new EmbeddedChannel();
        for (EmbeddedChannel channel : List.of(one, other)) {
            Request request = TestRequest.get("/counted");
            var unused = ResponseWriter.write(channel, request, TestRequest.answer(route, request), false);
            ByteBuf head = next(channel);
            assertThat(head.toString(UTF_8))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("\r\nContent-Length: 9\r\n")
                    .endsWith("\r\n\r\n");
            head.release();
        }

        ByteBuf first = next(one);
        ByteBuf second = next(other);

        assertThat(first.toString(UTF_8)).isEqualTo("reading 1");
        assertThat(second.memoryAddress()).isEqualTo(first.memoryAddress());
        first.release();
        assertThat(second.toString(UTF_8)).isEqualTo("reading 1");
        second.release();
    }

    @Test
    void whoNamesTheTagOfTheSharedAnswerIsNotSentItAgain() {
        Counting route = new Counting(Runnable::run);
        route.tag = "W/\"t\"";

        Response known = TestRequest.answer(route, TestRequest.get("/counted", "If-None-Match", "W/\"t\""));
        Response unknown = TestRequest.answer(route, TestRequest.get("/counted", "If-None-Match", "W/\"s\""));

        assertThat(known.status()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.headerLines()).isEqualTo("ETag: W/\"t\"\r\n");
        assertThat(known.encodedBody()).isNull();
        assertThat(unknown.status()).isEqualTo(200);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private static ByteBuf next(EmbeddedChannel channel) {
        return Objects.requireNonNull(channel.<ByteBuf>readOutbound());
    }

    private void ask(Route route) {
        Response response = TestRequest.answer(route, TestRequest.get("/counted"));
        answers.add(response.status() + " " + response.body());
    }

    private final class Counting extends BlockingRoute {

        boolean fails;
        String tag = "";

        @Nullable
        Error error;

        private int readings;

        Counting(Executor executor) {
            super("/counted", executor, new SharedResponse(Duration.ofSeconds(1), () -> nanos));
        }

        @Override
        protected Response get(Request request) {
            readings++;
            if (fails) {
                throw new IllegalStateException("broken on purpose");
            }
            if (error != null) {
                throw error;
            }
            Response response = new Response(200, "text/plain", "reading " + readings);
            return tag.isEmpty() ? response : response.with("ETag", tag);
        }
    }
}
