package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** What waits for the link's thread in one session, and whether the session can go on. Bounded; who finds it full is told. */
final class BrokerCommands {

    private static final int LARGEST_BATCH = 1_000;

    private final BlockingQueue<BrokerCommand> orders;

    /** Not empty as long as an order to bind them waits. */
    private final Set<RepositoryName> toRebind = new HashSet<>();

    private volatile Optional<BrokerError> end = Optional.empty();

    BrokerCommands(int capacity) {
        this.orders = new ArrayBlockingQueue<>(capacity);
    }

    /** Puts an order in; false if it is full. From any thread, never blocks. */
    boolean offer(BrokerCommand order) {
        return orders.offer(order);
    }

    /** Sends messages to other proxies; ends the session if there is no room, so that the next one makes up for them. */
    void sendLater(List<BrokerCommand.Parcel> parcels) {
        if (!parcels.isEmpty() && !offer(new BrokerCommand.Send(parcels))) {
            end(new BrokerError(BrokerError.Kind.OTHER, "too many orders wait for the broker"));
        }
    }

    /**
     * Has the keys of these bound once more. A stream may hold any number of messages that ask for it, so all that ask before the link's
     * thread gets to it are one order; ends the session if there is no room. From any thread.
     */
    synchronized void rebindLater(Collection<RepositoryName> repositories) {
        boolean isOrdered = !toRebind.isEmpty();
        toRebind.addAll(repositories);
        if (!isOrdered && !toRebind.isEmpty() && !offer(new BrokerCommand.Rebind())) {
            end(new BrokerError(BrokerError.Kind.OTHER, "too many orders wait for the broker"));
        }
    }

    /** What {@link BrokerCommand.Rebind} is about. */
    synchronized Set<RepositoryName> takeRebinds() {
        Set<RepositoryName> taken = Set.copyOf(toRebind);
        toRebind.clear();
        return taken;
    }

    /** The session cannot go on. From any thread; the first reason counts. */
    synchronized void end(BrokerError why) {
        end = end.or(() -> Optional.of(why));
        // If there is no room, nobody waits for an order.
        var unused = orders.offer(new BrokerCommand.WakeUp());
    }

    /** Why the session cannot go on; empty if it can. */
    Optional<BrokerError> end() {
        return end;
    }

    /** Waits for orders, but not longer than this; perhaps there are none then. */
    List<BrokerCommand> take(Duration patience) throws InterruptedException {
        List<BrokerCommand> batch = new ArrayList<>();
        BrokerCommand first = orders.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            orders.drainTo(batch, LARGEST_BATCH - 1);
        }
        return batch;
    }
}
