package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A route whose answers take time: they are made on a thread beside the event loops. */
public abstract class BlockingRoute implements Route {

    private static final Logger LOG = LoggerFactory.getLogger(BlockingRoute.class);
    private static final int MAX_QUEUED = 64;
    private static final Response BUSY = Response.error(503, "busy").with("Retry-After", "1");
    private static final Response FAILED = Response.error(500, "internal_error");

    private final Executor executor;
    private final Duration sharedFor;
    private final LongSupplier nanoTime;
    private final AtomicReference<@Nullable SharedResponse> shared = new AtomicReference<>();

    /**
     * Each request gets a response of its own.
     *
     * @param executor bounded; if it rejects, the answer is 503
     */
    protected BlockingRoute(Executor executor) {
        this(executor, Duration.ZERO, System::nanoTime);
    }

    /**
     * One response serves all requests for some time, encoded once; with an ETag, 304 serves those who know it.
     *
     * @param executor bounded; if it rejects, the answer is 503
     * @param sharedFor how long a response serves all requests, whatever their path and headers
     * @param nanoTime a clock that never jumps
     */
    protected BlockingRoute(Executor executor, Duration sharedFor, LongSupplier nanoTime) {
        this.executor = executor;
        this.sharedFor = sharedFor;
        this.nanoTime = nanoTime;
    }

    /** Starts the thread for the blocking routes of one server: with a bounded queue, it makes one response at a time. */
    public static ExecutorService newThread() {
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_QUEUED),
                new DefaultThreadFactory("cvmfs-notify-endpoints", true));
    }

    /** Makes the response to a GET, on the executor. An exception or error is answered with 500. */
    protected abstract Response get(Request request);

    @Override
    public void handle(Request request, Exchange exchange) {
        if (sharedFor.isZero()) {
            execute(request, exchange::answer);
        } else {
            share(request, exchange);
        }
    }

    /** Answers in any case: an exchange without an answer, and all that share it, would stay open for ever. */
    private void execute(Request request, Consumer<Response> then) {
        try {
            executor.execute(() -> make(request, then));
        } catch (RejectedExecutionException e) {
            then.accept(BUSY);
        } catch (Throwable e) {
            fail(request, e, then);
        }
    }

    private void make(Request request, Consumer<Response> then) {
        Response made;
        try {
            made = sharedFor.isZero() ? get(request) : get(request).encoded();
        } catch (Throwable e) {
            fail(request, e, then);
            return;
        }
        then.accept(made);
    }

    private static void fail(Request request, Throwable cause, Consumer<Response> then) {
        then.accept(FAILED);
        LOG.atError().setCause(cause).addKeyValue("path", request.path()).log("request fails");
        if (cause instanceof Error error && !(cause instanceof OutOfMemoryError)) {
            throw error;
        }
    }

    private void share(Request request, Exchange exchange) {
        SharedResponse known = shared.get();
        if (known == null || known.isExpired()) {
            SharedResponse next = new SharedResponse();
            if (shared.compareAndSet(known, next)) {
                execute(request, next::complete);
            }
            // Of several that find it expired, one makes the next; the others wait for that.
            known = Objects.requireNonNull(shared.get());
        }
        var unused = known.response.thenAccept(made -> exchange.answer(made.unlessKnownTo(request)));
    }

    /** A response that was made or is being made. Thread-safe. */
    private final class SharedResponse {

        final CompletableFuture<Response> response = new CompletableFuture<>();
        private volatile long expiryNanos;

        /** An error answers the waiting requests, and none after them. */
        void complete(Response made) {
            expiryNanos = nanoTime.getAsLong() + (made.isError() ? 0 : sharedFor.toNanos());
            response.complete(made);
        }

        boolean isExpired() {
            return response.isDone() && nanoTime.getAsLong() - expiryNanos >= 0;
        }
    }
}
