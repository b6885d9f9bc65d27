package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Futures that follow from others. Unlike the JDK's own, one that is cancelled cancels what it waits for. */
final class Chain {

    private static final Logger LOG = LoggerFactory.getLogger(Chain.class);

    private Chain() {}

    /** Calls the action once the future is done. What the action throws, an {@code Error} too, is a bug of this package, and logged. */
    static <T> void whenDone(CompletableFuture<T> future, BiConsumer<? super T, ? super Throwable> action) {
        var unused = future.whenComplete((value, failure) -> {
            try {
                action.accept(value, failure);
            } catch (RuntimeException | Error e) {
                LOG.atError().setCause(e).log("cannot take in the result of a request");
            }
        });
    }

    /** What the function makes of the value; fails as the source does, or with what the function throws. */
    static <A, B> CompletableFuture<B> map(CompletableFuture<A> source, Function<A, B> value) {
        return compose(source, a -> CompletableFuture.completedFuture(value.apply(a)));
    }

    /** The same for a function that itself needs time. */
    static <A, B> CompletableFuture<B> compose(CompletableFuture<A> source, Function<A, CompletableFuture<B>> next) {
        CompletableFuture<B> result = new CompletableFuture<>();
        whenDone(result, (b, failure) -> source.cancel(true));
        whenDone(source, (a, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                follow(result, startSafely(next, a));
            }
        });
        return result;
    }

    private static <A, B> CompletableFuture<B> startSafely(Function<A, CompletableFuture<B>> next, A value) {
        try {
            return next.apply(value);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static <B> void follow(CompletableFuture<B> result, CompletableFuture<B> second) {
        whenDone(result, (b, failure) -> second.cancel(true));
        whenDone(second, (b, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else {
                result.complete(b);
            }
        });
    }
}
