package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Route.Exchange;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One response that serves all requests for some time, and is made when one asks for it; with an ETag, 304 serves those who know it.
 * Thread-safe.
 */
public final class SharedResponse {

    private final Duration lifetime;
    private final LongSupplier nanoTime;
    private final AtomicReference<@Nullable Making> latest = new AtomicReference<>();

    /**
     * @param lifetime how long a response serves all requests, whatever their path and headers
     * @param nanoTime a clock that never jumps
     */
    public SharedResponse(Duration lifetime, LongSupplier nanoTime) {
        this.lifetime = lifetime;
        this.nanoTime = nanoTime;
    }

    /**
     * Answers a request.
     *
     * @param maker makes a response and passes it on in any case, now or later: all that wait for it would stay open for ever
     */
    public void answer(Request request, Exchange exchange, Consumer<Consumer<Response>> maker) {
        Making known = latest.get();
        if (known == null || known.isExpired()) {
            Making next = new Making();
            if (latest.compareAndSet(known, next)) {
                maker.accept(next::complete);
            }
            // Of several that find it expired, one makes the next; the others wait for that.
            known = Objects.requireNonNull(latest.get());
        }
        var unused = known.response.thenAccept(made -> exchange.answer(made.unlessKnownTo(request)));
    }

    /** A response that was made or is being made. Thread-safe. */
    private final class Making {

        final CompletableFuture<Response> response = new CompletableFuture<>();
        private volatile long expiryNanos;

        /** An error answers the waiting requests, and none after them. */
        void complete(Response made) {
            expiryNanos = nanoTime.getAsLong() + (made.isError() ? 0 : lifetime.toNanos());
            response.complete(made);
        }

        boolean isExpired() {
            return response.isDone() && nanoTime.getAsLong() - expiryNanos >= 0;
        }
    }
}
