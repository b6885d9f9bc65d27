package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Futures that follow from others. Unlike the JDK's own, a result that is cancelled cancels the future it waits for. */
final class Futures {

    private Futures() {}

    /** Calls the action once the future is done. An exception or {@code Error} of the action is a bug here, and logged. */
    static <T> void whenDone(CompletableFuture<T> future, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        var unused = future.whenComplete((value, failure) -> {
            try {
                action.accept(value, failure);
            } catch (RuntimeException | Error e) {
                // Made only now: a command that announces starts faster without a logger.
                LoggerFactory.getLogger(Futures.class)
                        .atError()
                        .setCause(e)
                        .log("cannot process the result of a request");
            }
        });
    }

    /** Returns a future with the function's result; fails as the source does, or with the function's exception. */
    static <A, B> CompletableFuture<B> map(CompletableFuture<A> source, Function<A, B> value) {
        return compose(source, a -> CompletableFuture.completedFuture(value.apply(a)));
    }

    /** Continues with another future; fails as either does, or with the function's exception. */
    static <A, B> CompletableFuture<B> compose(CompletableFuture<A> source, Function<A, CompletableFuture<B>> next) {
        return handle(
                source, (a, failure) -> failure == null ? next.apply(a) : CompletableFuture.failedFuture(failure));
    }

    /**
     * Continues with another future, also after a failure of the source. Completing the result early, by cancelling it or
     * otherwise, cancels both.
     */
    static <A, B> CompletableFuture<B> handle(
            CompletableFuture<A> source, BiFunction<A, @Nullable Throwable, CompletableFuture<B>> next) {
        CompletableFuture<B> result = new CompletableFuture<>();
        whenDone(result, (b, failure) -> source.cancel(true));
        whenDone(source, (a, failure) -> {
            CompletableFuture<B> second = begin(() -> next.apply(a, failure));
            whenDone(result, (b, end) -> second.cancel(true));
            whenDone(second, (b, end) -> {
                if (end == null) {
                    result.complete(b);
                } else {
                    result.completeExceptionally(end);
                }
            });
        });
        return result;
    }

    /** Returns the source's value; of a failure, the other one that the function returns. */
    static <T> CompletableFuture<T> translate(
            CompletableFuture<T> source, Function<Throwable, ? extends Throwable> other) {
        return handle(
                source,
                (value, failure) -> failure == null
                        ? CompletableFuture.completedFuture(value)
                        : CompletableFuture.failedFuture(other.apply(failure)));
    }

    /** Returns all values in order; fails as the first that fails. Completing the result early cancels all. */
    static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> sources) {
        CompletableFuture<Void> end = CompletableFuture.allOf(sources.toArray(CompletableFuture<?>[]::new));
        CompletableFuture<List<T>> result =
                map(end, none -> sources.stream().map(CompletableFuture::join).toList());
        whenDone(result, (values, failure) -> sources.forEach(source -> source.cancel(true)));
        return result;
    }

    /**
     * Runs a task that may block on these threads. It is not run if its result was completed, such as by a time-out, before its turn.
     *
     * @param full the message if they take no more tasks
     */
    static <T> CompletableFuture<T> call(Executor threads, String full, Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                if (result.isDone()) {
                    return;
                }
                try {
                    result.complete(task.call());
                } catch (Exception | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new TransientFailureException(full, e));
        }
        return result;
    }

    /** Returns the supplier's future; a failed one if it throws. */
    static <T> CompletableFuture<T> begin(Supplier<CompletableFuture<T>> supplier) {
        try {
            return supplier.get();
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
