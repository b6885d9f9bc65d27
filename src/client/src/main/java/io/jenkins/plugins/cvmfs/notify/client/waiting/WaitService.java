package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where gates wait, any number of them: with one connection a notification server, one question at a time about the same thing,
 * and no thread of their own. One room for a whole process is enough.
 *
 * <p>For each gate the order is: subscribe, read the replicas, compare, wait; and read again whenever the connection comes up
 * again. Thread-safe; only {@link #close()} blocks.
 */
public final class WaitService implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int CLOSE_SECONDS = 10;

    private final WaitSettings settings;
    private final ThreadPoolExecutor mayBlock;
    private final Room room;
    private final Set<GateRunner> runs = new LinkedHashSet<>();
    private boolean closed;

    private WaitService(
            RepositoryReader reader,
            SubscriberOpener opener,
            WaitSettings settings,
            Clock clock,
            RandomGenerator random) {
        this.settings = settings;
        this.mayBlock = threads(settings);
        GateThread thread = new GateThread(clock);
        ReplicaDesk desk = new ReplicaDesk(reader);
        this.room = new Room(
                thread,
                new ReplicaPoller(desk::answer, settings, thread),
                desk,
                new SharedSubscriptions(opener, thread, mayBlock, settings.linger()),
                settings.pacing(),
                random,
                mayBlock);
    }

    /**
     * Opens a room; whoever opens it closes it, before what it was given.
     *
     * @param reader reads the replicas
     * @param opener connects to notification servers
     * @param random varies the pauses; used by this room alone
     */
    public static WaitService open(
            RepositoryReader reader,
            SubscriberOpener opener,
            WaitSettings settings,
            Clock clock,
            RandomGenerator random) {
        return new WaitService(reader, opener, settings, clock, random);
    }

    private static ThreadPoolExecutor threads(WaitSettings settings) {
        // Each gate has at most its outbox and its end in the queue; the rest is for connections to be closed.
        int capacity = (int) Math.min(Integer.MAX_VALUE, 2L * settings.gates() + 1000);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                CLOSE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(capacity),
                new Daemons("cvmfs-notify-waiting"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Begins to wait.
     *
     * @param server whom to subscribe to; equal settings share one connection; null to only read the replicas
     * @throws InvalidInputException if a replica's location is none
     * @throws TransientFailureException if too many gates wait already
     * @throws IllegalStateException if the room is closed
     */
    public Wait enter(Condition condition, @Nullable SubscriberSettings server, ProgressListener listener) {
        return enter(GateSnapshot.start(condition, room.thread().now()), server, listener);
    }

    /**
     * Goes on waiting after a restart. A deadline that passed meanwhile allows one last look.
     *
     * @param known what {@link Wait#snapshot()} gave
     * @param server whom to subscribe to; equal settings share one connection; null to only read the replicas
     * @throws InvalidInputException if a replica's location is none
     * @throws TransientFailureException if too many gates wait already
     * @throws IllegalStateException if the room is closed
     */
    public Wait enter(GateSnapshot known, @Nullable SubscriberSettings server, ProgressListener listener) {
        GateRunner run = new GateRunner(room, known, server, listener, this::leave);
        synchronized (runs) {
            if (closed) {
                throw new IllegalStateException("the waiting room is closed");
            }
            if (runs.size() >= settings.gates()) {
                throw new TransientFailureException("%d gates are waiting, no more are allowed".formatted(runs.size()));
            }
            runs.add(run);
        }
        room.thread().execute(run::start);
        return run;
    }

    private void leave(GateRunner run) {
        synchronized (runs) {
            runs.remove(run);
        }
    }

    /** What the room is busy with. */
    public WaitCounts counts() {
        ReplicaPoller reads = room.reads();
        int gates;
        synchronized (runs) {
            gates = runs.size();
        }
        return new WaitCounts(
                gates, room.servers().count(), reads.underWay(), reads.queued(), reads.reads(), reads.shared());
    }

    /**
     * Cancels all gates and ends all connections and threads; every {@link Wait#result()} is complete when it returns. Waits 10 s
     * at most for listeners that block. Again: does nothing.
     */
    @Override
    public void close() {
        synchronized (runs) {
            if (closed) {
                return;
            }
            closed = true;
        }
        List<NotificationSubscriber> open = new ArrayList<>();
        boolean interrupted = false;
        while (!room.thread().isClosed()) {
            try {
                room.thread().handOver(() -> open.addAll(empty()));
                room.thread().close();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        open.forEach(NotificationSubscriber::close);
        mayBlock.shutdown();
        try {
            mayBlock.awaitTermination(interrupted ? 0 : CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        mayBlock.shutdownNow().forEach(Runnable::run);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<NotificationSubscriber> empty() {
        List<GateRunner> all;
        synchronized (runs) {
            all = List.copyOf(runs);
        }
        all.forEach(run -> run.cancel("the waiting room was closed"));
        room.reads().close();
        return room.servers().abandon();
    }
}
