package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The futures that someone may still wait for; when the network is closed they are cancelled, so that none waits for ever. */
final class OpenFutures {

    private final Set<Runnable> cancellations = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    /** Remembers the future until it is done; after the end it is cancelled at once. */
    <T> CompletableFuture<T> add(CompletableFuture<T> future) {
        Runnable cancellation = () -> future.cancel(true);
        cancellations.add(cancellation);
        Chain.whenDone(future, (value, failure) -> cancellations.remove(cancellation));
        if (isClosed) {
            future.cancel(true);
        }
        return future;
    }

    void close() {
        isClosed = true;
        cancellations.forEach(Runnable::run);
    }
}
