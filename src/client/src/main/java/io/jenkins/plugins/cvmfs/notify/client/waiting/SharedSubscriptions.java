package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The notification servers that gates use now or used a moment ago: one connection for equal settings. A connection nobody uses
 * is kept for a while, because the next gate often follows at once.
 *
 * <p>Used on the gate thread; {@link #count()} anywhere.
 */
final class SharedSubscriptions {

    private final SubscriberOpener opener;
    private final GateThread thread;
    private final Executor mayBlock;
    private final Duration linger;
    private final Map<SubscriberSettings, SharedSubscription> servers = new ConcurrentHashMap<>();

    SharedSubscriptions(SubscriberOpener opener, GateThread thread, Executor mayBlock, Duration linger) {
        this.opener = opener;
        this.thread = thread;
        this.mayBlock = mayBlock;
        this.linger = linger;
    }

    void join(SubscriberSettings settings, GateRunner run) {
        SharedSubscription server = servers.get(settings);
        if (server == null) {
            server = new SharedSubscription(thread);
            servers.put(settings, server);
            server.open(opener, settings);
        }
        server.join(run);
    }

    void leave(SubscriberSettings settings, GateRunner run) {
        SharedSubscription server = servers.get(settings);
        if (server != null) {
            server.leave(run);
            if (server.isIdle()) {
                server.closeBy(thread.after(linger, () -> close(settings, server)));
            }
        }
    }

    private void close(SubscriberSettings settings, SharedSubscription server) {
        if (servers.remove(settings, server)) {
            server.subscriber().ifPresent(subscriber -> mayBlock.execute(subscriber::close));
        }
    }

    int count() {
        return servers.size();
    }

    /** Gives up all connections; the caller closes them, on another thread. */
    List<NotificationSubscriber> abandon() {
        List<NotificationSubscriber> open = servers.values().stream()
                .map(SharedSubscription::subscriber)
                .flatMap(Optional::stream)
                .toList();
        servers.clear();
        return open;
    }
}
