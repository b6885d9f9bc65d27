package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.LazyNetwork;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of this proxy to replicas and caches: one network for all, without an HTTP proxy, opened when it is first used. Every manifest read
 * is reported to the listener. Thread-safe; nothing blocks except {@link #close()}.
 */
public final class ReplicaNetwork implements AutoCloseable {

    private static final Duration READ_LIMIT = Duration.ofSeconds(10);

    /** Hears of each manifest read, for whatever purpose. */
    @FunctionalInterface
    interface ReadListener {

        /**
         * Takes the result; called on the network's threads, must not block.
         *
         * @param fetched null if it failed
         * @param failure null if it did not
         */
        void read(RepositoryLocation location, @Nullable FetchedManifest fetched, @Nullable Throwable failure);
    }

    private final LazyNetwork network = new LazyNetwork(Network.builder()
            .userAgent("notify-proxy")
            .proxy(HttpClient.Builder.NO_PROXY)
            .readTimeLimit(READ_LIMIT));
    private final Supplier<RepositoryReader> source;
    private volatile ReadListener listener = (location, fetched, failure) -> {};

    /** Reaches them over HTTP. */
    public ReplicaNetwork() {
        this.source = () -> network.get().repositoryReader();
    }

    /** Reads replicas with this reader. */
    ReplicaNetwork(RepositoryReader reader) {
        this.source = () -> reader;
    }

    void onRead(ReadListener heard) {
        listener = heard;
    }

    /**
     * Returns the reader of replicas.
     *
     * @throws TransientFailureException after {@link #close()}
     */
    public RepositoryReader reader() {
        return new Reporting(source.get());
    }

    /**
     * Returns what refreshes caches.
     *
     * @throws TransientFailureException after {@link #close()}
     */
    public CacheRefresher cacheRefresher() {
        return network.get().cacheRefresher();
    }

    /** Cancels what is under way. Closing twice is fine. */
    @Override
    public void close() {
        network.close();
    }

    private final class Reporting implements RepositoryReader {

        private final RepositoryReader reader;

        Reporting(RepositoryReader reader) {
            this.reader = reader;
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(
                RepositoryLocation location, @Nullable FetchedManifest previous) {
            CompletableFuture<FetchedManifest> read = reader.manifest(location, previous);
            // The caller hears of the result after the listener.
            CompletableFuture<FetchedManifest> reported =
                    read.whenComplete((fetched, failure) -> listener.read(location, fetched, failure));
            var unused = reported.whenComplete((fetched, failure) -> {
                if (reported.isCancelled()) {
                    read.cancel(true);
                }
            });
            return reported;
        }

        @Override
        public CompletableFuture<Boolean> objectPresent(
                RepositoryLocation location, ContentHash hash, ObjectKind kind) {
            return reader.objectPresent(location, hash, kind);
        }

        @Override
        public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
            return reader.file(location, path, maxBytes);
        }

        @Override
        public CompletableFuture<MountedRevision> mounted(RepositoryLocation.MountPoint mount) {
            return reader.mounted(mount);
        }

        @Override
        public CompletableFuture<Boolean> pathPresent(RepositoryLocation.MountPoint mount) {
            return reader.pathPresent(mount);
        }
    }
}
