package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Replicas and caches, as far as holding asks of them. Nothing blocks except {@link #close()}. */
interface Sites extends AutoCloseable {

    /**
     * Starts to wait for replicas.
     *
     * @throws NotifyException if that is not possible
     */
    Wait start(Condition condition);

    /** As {@link CacheRefresher#refresh}. */
    CompletableFuture<List<CacheRefresher.Result>> refresh(
            RepositoryLocation repository, HttpCache cache, Revision expected);

    /** Cancels what is under way. Closing twice is fine. */
    @Override
    void close();

    /** Reaches them over a network, and starts waiting for replicas when the first revision is held. Thread-safe. */
    final class OverHttp implements Sites {

        /** While a revision is held its replicas are read every 5 s; what has not changed costs only headers. */
        private static final PollSchedule SCHEDULE = new PollSchedule(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                Duration.ofMillis(500),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1));

        private final ReplicaNetwork network;
        private final Clock clock;
        private @Nullable WaitService waits;
        private boolean closed;

        OverHttp(ReplicaNetwork network, Clock clock) {
            this.network = network;
            this.clock = clock;
        }

        private synchronized WaitService waits() {
            if (closed) {
                throw new IllegalStateException("the proxy is shutting down");
            }
            if (waits == null) {
                waits = new WaitService(
                        network.reader(),
                        (settings, listener) -> {
                            throw new InvalidInputException("no notification server is asked");
                        },
                        WaitSettings.DEFAULT.withSchedule(SCHEDULE),
                        clock,
                        new Random());
            }
            return waits;
        }

        @Override
        public Wait start(Condition condition) {
            return waits().start(condition, null, line -> {});
        }

        @Override
        public CompletableFuture<List<CacheRefresher.Result>> refresh(
                RepositoryLocation repository, HttpCache cache, Revision expected) {
            return network.cacheRefresher().refresh(repository, List.of(cache), expected);
        }

        @Override
        public void close() {
            WaitService openWaits;
            synchronized (this) {
                closed = true;
                openWaits = waits;
            }
            if (openWaits != null) {
                openWaits.close();
            }
        }
    }
}
