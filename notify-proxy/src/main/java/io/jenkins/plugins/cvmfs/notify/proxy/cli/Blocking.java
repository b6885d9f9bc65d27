package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A command has one thing to do and may wait for it. */
final class Blocking {

    private Blocking() {}

    /**
     * What the future completes with; waits for it.
     *
     * @throws NotifyException what it failed with, if that was one
     */
    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof NotifyException expected) {
                throw expected;
            }
            throw e;
        }
    }

    /**
     * The same; each second that it takes, somebody is told how long that has been.
     *
     * @throws NotifyException what it failed with, if that was one
     */
    static <T> T get(CompletableFuture<T> future, Consumer<Duration> everySecond) {
        long start = System.nanoTime();
        while (!isDoneWithinASecond(future)) {
            everySecond.accept(Duration.ofNanos(System.nanoTime() - start));
        }
        return get(future);
    }

    private static boolean isDoneWithinASecond(CompletableFuture<?> future) {
        try {
            future.handle((value, failure) -> true).get(1, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a future that never fails has failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            future.cancel(true);
            return true;
        }
    }
}
