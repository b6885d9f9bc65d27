package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Answers that many share, and answers that nobody waits for. */
class BlockingRouteAdapterTest {

    private final Counting endpoint = new Counting();
    private final List<String> answers = new ArrayList<>();
    private long nanos = -7;

    @Test
    void anAnswerIsSharedForItsTimeAndThenReadAgain() {
        BlockingRouteAdapter resource = new BlockingRouteAdapter(endpoint, Runnable::run, () -> nanos);

        ask(resource);
        pass(Duration.ofMillis(999));
        ask(resource);
        pass(Duration.ofMillis(1));
        ask(resource);

        assertThat(answers).containsExactly("200 reading 1", "200 reading 1", "200 reading 2");
    }

    @Test
    void anErrorIsNotShared() {
        BlockingRouteAdapter resource = new BlockingRouteAdapter(endpoint, Runnable::run, () -> nanos);
        endpoint.fails = true;
        ask(resource);
        endpoint.fails = false;

        ask(resource);

        assertThat(answers)
                .containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}", "200 reading 2");
    }

    @Test
    void aThreadThatTakesNoMoreIsSaidAndNotRemembered() {
        List<Boolean> takesMore = new ArrayList<>(List.of(false, true));
        BlockingRouteAdapter resource = new BlockingRouteAdapter(
                endpoint,
                task -> {
                    if (!takesMore.remove(0)) {
                        throw new RejectedExecutionException();
                    }
                    task.run();
                },
                () -> nanos);

        ask(resource);
        ask(resource);

        assertThat(answers).containsExactly("503 {\"reason\":\"busy\",\"status\":\"error\"}", "200 reading 1");
    }

    /** Else the exchange would never end, and its connection stay open for ever. */
    @Test
    void evenAnEndpointThatRunsOutOfMemoryIsAnswered() {
        endpoint.outOfMemory = true;

        ask(new BlockingRouteAdapter(endpoint, Runnable::run, () -> nanos));

        assertThat(answers).containsExactly("500 {\"reason\":\"internal_error\",\"status\":\"error\"}");
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private void ask(BlockingRouteAdapter resource) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/counted");
        request.headers().set("Host", "proxy.example.org");
        resource.handle(
                new Request(
                        RequestHead.of(request),
                        new byte[0],
                        Accesses.stranger().peer()),
                new Exchange() {
                    @Override
                    public void answer(Response answer) {
                        answers.add(answer.status().code() + " " + answer.body());
                    }

                    @Override
                    public void handOver(Successor successor) {
                        throw new AssertionError("an endpoint answers");
                    }
                });
    }

    private static final class Counting implements BlockingRoute {

        boolean fails;
        boolean outOfMemory;
        private int readings;

        @Override
        public boolean serves(String path) {
            return path.equals("/counted");
        }

        @Override
        public Duration sharedFor() {
            return Duration.ofSeconds(1);
        }

        @Override
        public EndpointReply get(EndpointRequest request) {
            readings++;
            if (fails) {
                throw new IllegalStateException("broken on purpose");
            }
            if (outOfMemory) {
                throw new OutOfMemoryError("on purpose");
            }
            return new EndpointReply(200, "text/plain", "reading " + readings);
        }
    }
}
