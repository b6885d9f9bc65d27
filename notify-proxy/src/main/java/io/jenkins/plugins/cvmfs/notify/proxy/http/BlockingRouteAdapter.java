package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves an {@link BlockingRoute}: on the thread for endpoints, unless it is quick. */
final class BlockingRouteAdapter implements Route {

    private static final Logger LOG = LoggerFactory.getLogger(BlockingRouteAdapter.class);
    private static final Response BUSY =
            Response.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "busy").with("Retry-After", "1");

    private final BlockingRoute endpoint;
    private final Executor executor;
    private final LongSupplier nanoTime;
    private final AtomicReference<@Nullable SharedAnswer> shared = new AtomicReference<>();

    /** @param executor one bounded thread, which may reject */
    BlockingRouteAdapter(BlockingRoute endpoint, Executor executor) {
        this(endpoint, executor, System::nanoTime);
    }

    /** @param nanoTime tells how old a shared answer is */
    BlockingRouteAdapter(BlockingRoute endpoint, Executor executor, LongSupplier nanoTime) {
        this.endpoint = endpoint;
        this.executor = executor;
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean serves(String path) {
        return endpoint.serves(path);
    }

    @Override
    public Methods methods() {
        return Methods.READ;
    }

    @Override
    public int maxBodyBytes() {
        return 0;
    }

    @Override
    public String name() {
        return "endpoint";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        EndpointRequest asked = EndpointRequest.of(request.head());
        if (endpoint.isQuick()) {
            exchange.answer(read(asked));
        } else if (endpoint.sharedFor().isZero()) {
            onThread(asked, exchange::answer);
        } else {
            share(asked, exchange);
        }
    }

    private void onThread(EndpointRequest asked, Consumer<Response> then) {
        try {
            executor.execute(() -> then.accept(read(asked)));
        } catch (RejectedExecutionException e) {
            then.accept(BUSY);
        }
    }

    private void share(EndpointRequest asked, Exchange exchange) {
        SharedAnswer known = shared.get();
        if (known == null || known.isOver()) {
            SharedAnswer next = new SharedAnswer();
            if (shared.compareAndSet(known, next)) {
                onThread(asked, answer -> next.complete(answer, endpoint.sharedFor()));
            }
            // Of several who find it over, one reads; the others wait for the same answer.
            known = Objects.requireNonNull(shared.get());
        }
        var unused = known.answer.thenAccept(exchange::answer);
    }

    /** What one read has brought or will bring. From any thread. */
    private final class SharedAnswer {

        final CompletableFuture<Response> answer = new CompletableFuture<>();
        private volatile long overNanos;

        /** An error is told to those who wait for it, and to nobody after them. */
        void complete(Response read, Duration sharedFor) {
            overNanos = nanoTime.getAsLong() + (read.isError() ? 0 : sharedFor.toNanos());
            answer.complete(read);
        }

        boolean isOver() {
            return answer.isDone() && nanoTime.getAsLong() - overNanos >= 0;
        }
    }

    private Response read(EndpointRequest request) {
        try {
            return answer(endpoint.get(request));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.atError().setCause(e).addKeyValue("path", request.path()).log("endpoint failed");
            return Response.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal_error");
        }
    }

    private static Response answer(EndpointReply reply) {
        Response answer =
                new Response(HttpResponseStatus.valueOf(reply.status()), "", reply.contentType(), reply.body());
        for (Map.Entry<String, String> header : reply.headers().entrySet()) {
            answer = answer.with(header.getKey(), header.getValue());
        }
        return answer;
    }
}
