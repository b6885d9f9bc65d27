package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The keys that are bound to the queue that this proxy reads. Binds on the broker thread; any thread may ask. */
final class Bindings {

    private final Channel channel;
    private final String exchange;
    private final String queue;
    private final Set<String> bound = ConcurrentHashMap.newKeySet();

    /** The keys that are next to be bound again. On the broker thread. */
    private Iterator<String> rotation = Collections.emptyIterator();

    Bindings(Channel channel, String exchange, String queue) {
        this.channel = channel;
        this.exchange = exchange;
        this.queue = queue;
    }

    boolean has(RepositoryName repository) {
        return bound.contains(RoutingKeys.of(repository));
    }

    /**
     * Binds what is not bound yet, and waits until the broker has done it: some milliseconds for each, so callers bind few at a time.
     *
     * @return the repositories that were not bound before
     */
    List<RepositoryName> add(Collection<RepositoryName> repositories) throws IOException {
        List<RepositoryName> missing =
                repositories.stream().filter(name -> !has(name)).distinct().toList();
        addKeys(missing.stream().map(RoutingKeys::of).toList());
        return missing;
    }

    /** Binds these keys; when this returns, the broker has done it. */
    void addKeys(List<String> keys) throws IOException {
        bind(keys);
        bound.addAll(keys);
    }

    /** Notes that the broker has lost these: they count as not bound until they are added again. */
    void forget(Predicate<RepositoryName> lost) {
        bound.removeIf(key -> !RoutingKeys.isOurs(key) && lost.test(new RepositoryName(key)));
    }

    /**
     * Binds the next few of the repositories' keys again, in turn. All proxies share a stream's bindings, and an administrator may delete
     * any, so one may be gone unnoticed. The probe is not bound again: it must be returned if all bindings are gone.
     */
    void bindNextAgain(int most) throws IOException {
        if (!rotation.hasNext()) {
            rotation = bound.iterator();
        }
        List<String> next = new ArrayList<>();
        while (next.size() < most && rotation.hasNext()) {
            String key = rotation.next();
            if (!RoutingKeys.isOurs(key) && bound.contains(key)) {
                next.add(key);
            }
        }
        bind(next);
    }

    /** Returns the repositories that are bound and not needed. */
    List<RepositoryName> except(Predicate<RepositoryName> needed) {
        return bound.stream()
                .filter(key -> !RoutingKeys.isOurs(key))
                .map(RepositoryName::new)
                .filter(needed.negate())
                .toList();
    }

    /**
     * Removes the binding, unless the repository is needed after all. A thread that comes to need it makes the predicate true before it
     * asks {@link #has}: so either it is seen here, or it sees that the key is not bound.
     *
     * @return whether it was removed
     */
    boolean remove(RepositoryName repository, Predicate<RepositoryName> needed) throws IOException {
        String key = RoutingKeys.of(repository);
        bound.remove(key);
        if (needed.test(repository)) {
            bound.add(key);
            return false;
        }
        channel.queueUnbind(queue, exchange, key);
        return true;
    }

    /** Removes the binding of a key that is not a repository's, and does not wait for the answer. */
    void removeKey(String key) throws IOException {
        bound.remove(key);
        var unused = channel.asyncCompletableRpc(new AMQP.Queue.Unbind.Builder()
                .queue(queue)
                .exchange(exchange)
                .routingKey(key)
                .build());
    }

    /** Binds many at once: the broker answers the last one only, after it has done the others. */
    private void bind(List<String> keys) throws IOException {
        for (int i = 0; i < keys.size() - 1; i++) {
            channel.queueBindNoWait(queue, exchange, keys.get(i), Map.of());
        }
        if (!keys.isEmpty()) {
            channel.queueBind(queue, exchange, keys.get(keys.size() - 1));
        }
    }
}
