package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides what CVMFS clients receive a second time, and when. A client that cannot use an announcement disconnects, reconnects without
 * a pause, and is deaf after eleven failures in a minute: so a last value that its address received before waits some seconds. A client
 * behind an HTTP cache finds the former revision there until the manifest's cache lifetime is over: so it is told once more then.
 *
 * <p>Addresses are remembered by repository, as many as connections are allowed; the one unused for longest is forgotten first, and its
 * next subscriber gets the last value at once. Thread-safe.
 */
public final class Redelivery {

    private record Known(InetAddress address, RepositoryName repository) {}

    /** The subscribers of one repository behind one address. */
    private static final class Presence {
        private int connected;
        private long received;
    }

    private final DeliveryConfig delays;
    private final EventExecutorGroup timer;
    private final Counter delayed;
    private final Counter forgotten;
    private final Map<Known, Presence> presences = new LinkedHashMap<>(16, 0.75f, true);
    private final int capacity;

    /**
     * @param timer starts the repetitions
     * @param capacity how many pairs of address and repository are remembered
     */
    public Redelivery(DeliveryConfig delays, EventExecutorGroup timer, int capacity, MeterRegistry meters) {
        this.delays = delays;
        this.timer = timer;
        this.capacity = capacity;
        delayed = Counter.builder("cvmfs_notify_replays_delayed")
                .description("Last values that waited because the subscriber's address had received them before")
                .register(meters);
        forgotten = Counter.builder("cvmfs_notify_known_addresses_forgotten")
                .description("Addresses of CVMFS clients forgotten because there were too many")
                .register(meters);
        Gauge.builder("cvmfs_notify_known_addresses", this, Redelivery::size)
                .description("Pairs of address and repository that CVMFS clients subscribed by")
                .register(meters);
    }

    private synchronized int size() {
        return presences.size();
    }

    /**
     * Notes one more subscriber.
     *
     * @param last the sequence of the last value; 0 if there is none
     * @return whether its address has received that before: a subscriber there did, or is connected and so gets it
     */
    synchronized boolean joined(InetAddress address, RepositoryName repository, long last) {
        Presence presence = presence(address, repository);
        boolean before = last > 0 && (presence.connected > 0 || presence.received >= last);
        presence.connected++;
        return before;
    }

    /** @param received the sequence of the newest announcement that the subscriber got or need not get */
    synchronized void left(InetAddress address, RepositoryName repository, long received) {
        Presence presence = presence(address, repository);
        presence.connected = Math.max(0, presence.connected - 1);
        presence.received = Math.max(presence.received, received);
    }

    private Presence presence(InetAddress address, RepositoryName repository) {
        Presence presence = presences.computeIfAbsent(new Known(address, repository), key -> new Presence());
        if (presences.size() > capacity) {
            presences.remove(presences.keySet().iterator().next());
            forgotten.increment();
        }
        return presence;
    }

    /**
     * Starts the time after which an announcement is repeated. What was announced before this proxy began to listen is repeated if
     * its time is not over yet: the subscribers of before reconnect, and may find the former revision in a cache.
     *
     * @return null if it is not repeated
     */
    @Nullable
    Future<?> schedule(Dispatch dispatch, Clock clock, Runnable repeat) {
        Duration wait = delays.repeatAfter();
        if (dispatch.isHistory() && !dispatch.wasHeld()) {
            Instant due = dispatch.announcement().announcedAt().plus(wait);
            wait = Duration.between(clock.instant(), due);
        }
        boolean isDue = wait.isZero() || wait.isNegative();
        return isDue || timer.isShuttingDown() ? null : timer.schedule(repeat, wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns how long a last value waits that was received before, and counts it; zero for not at all. */
    Duration delayReplay() {
        if (!delays.replayDelay().isZero()) {
            delayed.increment();
        }
        return delays.replayDelay();
    }
}
