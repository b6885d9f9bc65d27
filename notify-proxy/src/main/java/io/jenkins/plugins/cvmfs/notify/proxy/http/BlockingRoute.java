package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A route whose answers take time: they are made on a thread beside the event loops. */
public abstract class BlockingRoute implements Route {

    private static final Logger LOG = LoggerFactory.getLogger(BlockingRoute.class);
    private static final int MAX_QUEUED = 64;
    private static final Response BUSY = Response.error(503, "busy").with("Retry-After", "1");
    private static final Response FAILED = Response.error(500, "internal_error");

    private final String path;
    private final Executor executor;
    private final @Nullable SharedResponse shared;

    /**
     * Each request gets a response of its own.
     *
     * @param path the path that it serves
     * @param executor bounded; if it rejects, the answer is 503
     */
    protected BlockingRoute(String path, Executor executor) {
        this(path, executor, null);
    }

    /**
     * One response serves all requests for some time, encoded once.
     *
     * @param path the path that it serves
     * @param executor bounded; if it rejects, the answer is 503
     * @param shared null for a response to each request
     */
    protected BlockingRoute(String path, Executor executor, @Nullable SharedResponse shared) {
        this.path = path;
        this.executor = executor;
        this.shared = shared;
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

    @Override
    public boolean serves(String asked) {
        return asked.equals(path);
    }

    /** Makes the response to a GET, on the executor. An exception or error is answered with 500. */
    protected abstract Response get(Request request);

    @Override
    public void handle(Request request, Exchange exchange) {
        if (shared == null) {
            execute(request, exchange::answer);
        } else {
            shared.answer(request, exchange, then -> execute(request, then));
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
            made = shared == null ? get(request) : get(request).encoded();
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
}
