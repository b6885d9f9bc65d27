package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

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
}
