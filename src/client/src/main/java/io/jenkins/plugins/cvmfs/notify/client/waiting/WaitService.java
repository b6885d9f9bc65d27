package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberFactory;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs any number of waits for revisions, without a thread for each: one connection per notification server, few reads at a time,
 * and one read for all waits that ask the same. One service for a process is enough.
 *
 * <p>For each wait the order is: subscribe, read the replicas, compare, wait; after every reconnect they are read again.
 * Thread-safe. Only {@link #close()} blocks.
 */
public final class WaitService implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int CLOSE_SECONDS = 10;

    /**
     * The present load of a service.
     *
     * @param gates waits that have not ended
     * @param servers connections to notification servers, also those that are kept for a while
     * @param readsUnderWay reads of replicas that are under way
     * @param readsQueued reads that wait for their turn
     * @param reads reads sent since the service was opened
     * @param sharedReads questions that were answered without a read of their own
     */
    public record Counts(int gates, int servers, int readsUnderWay, int readsQueued, long reads, long sharedReads) {}

    private final WaitSettings settings;
    private final ThreadPoolExecutor blocking;
    private final GateRunner.Shared shared;
    private final Set<GateRunner> gates = new LinkedHashSet<>();
    private boolean closed;

    /**
     * Opens a service. Close it before the network that reader and servers use.
     *
     * @param reader reads the replicas, without blocking
     * @param servers connects to notification servers; if it refuses settings, their waits only read the replicas
     * @param random varies the pauses; must not be shared with other threads unless it is thread-safe
     */
    public WaitService(
            RepositoryReader reader,
            SubscriberFactory servers,
            WaitSettings settings,
            Clock clock,
            RandomGenerator random) {
        this.settings = settings;
        this.blocking = threads(settings);
        GateThread thread = new GateThread(clock);
        this.shared = new GateRunner.Shared(
                thread,
                new ReplicaPoller(reader, settings, thread),
                new SharedSubscriptions(servers, thread, blocking, settings.linger()),
                servers,
                settings.schedule(),
                random,
                blocking);
    }

    private static ThreadPoolExecutor threads(WaitSettings settings) {
        // A gate has at most its lines and its end in the queue; the rest is for connections to be closed.
        int capacity = (int) Math.min(Integer.MAX_VALUE, 2L * settings.maxGates() + 1000);
        return DaemonThreads.pool(THREADS, capacity, DaemonThreads.named("cvmfs-notify-waiting"));
    }

    /**
     * Starts a wait.
     *
     * @param server the notification server to subscribe to; null to only read the replicas
     * @throws InvalidInputException if the location of a replica is malformed
     * @throws TransientFailureException if {@link WaitSettings#maxGates()} waits are running
     * @throws IllegalStateException if the service is closed
     */
    public Wait start(Condition condition, @Nullable SubscriberSettings server, ProgressListener listener) {
        return resume(GateSnapshot.start(condition, shared.thread().now()), server, listener);
    }

    /**
     * Resumes a wait after a restart. If its deadline has passed meanwhile, each replica is read once more.
     *
     * @param known what {@link Wait#snapshot()} returned
     * @param server as in {@link #start}
     * @throws InvalidInputException if the location of a replica is malformed
     * @throws TransientFailureException if {@link WaitSettings#maxGates()} waits are running
     * @throws IllegalStateException if the service is closed
     */
    public Wait resume(GateSnapshot known, @Nullable SubscriberSettings server, ProgressListener listener) {
        GateRunner gate = new GateRunner(shared, known, server == null ? null : shared(server), listener, this::remove);
        synchronized (gates) {
            if (closed) {
                throw new IllegalStateException("the wait service is closed");
            }
            if (gates.size() >= settings.maxGates()) {
                throw new TransientFailureException(
                        "%d gates are waiting, no more are allowed".formatted(gates.size()));
            }
            gates.add(gate);
        }
        shared.thread().execute(gate::start);
        return gate;
    }

    /** Hears the announcements of a repository until it is closed. Closing does not block, and may be repeated. */
    public interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Listens to the announcements of a repository, in order, on the connection that the waits share. They are not verified, and one
     * may come again after a reconnect. Of those while there is no connection only the newest is heard.
     *
     * @param listener called on the service's own thread: it must not block or throw
     * @throws IllegalStateException if the service is closed
     */
    public Listening listen(RepositoryName repository, SubscriberSettings server, Consumer<ActivityMessage> listener) {
        synchronized (gates) {
            if (closed) {
                throw new IllegalStateException("the wait service is closed");
            }
        }
        SharedSubscriptions.Member member = new SharedSubscriptions.Member() {
            @Override
            public RepositoryName repository() {
                return repository;
            }

            @Override
            public void announced(ActivityMessage message) {
                listener.accept(message);
            }
        };
        SubscriberSettings settingsShared = shared(server);
        shared.thread().execute(() -> shared.subscriptions().join(settingsShared, member));
        AtomicBoolean left = new AtomicBoolean();
        return () -> {
            if (!left.getAndSet(true)) {
                shared.thread().execute(() -> shared.subscriptions().leave(settingsShared, member));
            }
        };
    }

    /** Returns the settings of the connection that gates and listeners share: they read the replicas, so they need no hold. */
    private static SubscriberSettings shared(SubscriberSettings server) {
        return server.withEarly(true);
    }

    private void remove(GateRunner gate) {
        synchronized (gates) {
            gates.remove(gate);
        }
    }

    /** Returns the present load. */
    public Counts counts() {
        int waiting;
        synchronized (gates) {
            waiting = gates.size();
        }
        return shared.poller().count(waiting, shared.subscriptions().count());
    }

    /**
     * Cancels all waits and ends all connections and threads; every {@link Wait#result()} is complete when this returns. Waits at
     * most 10 s for listeners that block. Does nothing if called again.
     */
    @Override
    public void close() {
        synchronized (gates) {
            if (closed) {
                return;
            }
            closed = true;
        }
        List<NotificationSubscriber> subscribers = new ArrayList<>();
        boolean interrupted = false;
        while (!shared.thread().isClosed()) {
            try {
                shared.thread().handOver(() -> subscribers.addAll(cancelAll()));
                shared.thread().close();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        subscribers.forEach(NotificationSubscriber::close);
        blocking.shutdown();
        try {
            blocking.awaitTermination(interrupted ? 0 : CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        blocking.shutdownNow().forEach(Runnable::run);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<NotificationSubscriber> cancelAll() {
        List<GateRunner> all;
        synchronized (gates) {
            all = List.copyOf(gates);
        }
        all.forEach(gate -> gate.cancel("the wait service was closed"));
        shared.poller().close();
        return shared.subscriptions().abandon();
    }
}
