package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Waits for futures in tests. */
final class Outcomes {

    private static final int LONGEST_SECONDS = 20;

    private Outcomes() {}

    /** The value, or what the future failed with. */
    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof NotifyException known) {
                throw known;
            }
            throw e;
        }
    }
}
