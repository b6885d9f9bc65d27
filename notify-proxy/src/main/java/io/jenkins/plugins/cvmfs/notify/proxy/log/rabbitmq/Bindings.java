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

/**
 * Which keys are bound to the queue that this proxy reads. Binding is the link's thread's; any thread may ask.
 */
final class Bindings {

    private final Channel channel;
    private final String exchange;
    private final String queue;
    private final Set<String> bound = ConcurrentHashMap.newKeySet();

    /** Whose turn it is to be bound once more. On the link's thread. */
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
     * @return what was not bound before
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

    /** Notes that the broker has lost these, if they were bound: they count as not bound until they are added again. */
    void forget(Predicate<RepositoryName> lost) {
        bound.removeIf(key -> !RoutingKeys.isOurs(key) && lost.test(new RepositoryName(key)));
    }

    /**
     * Binds some repositories' keys once more of those that are bound, the next ones each time, until it has been all of their turns. All
     * proxies share a stream's bindings, and an administrator may delete any, so one may be gone without a word. The probe is left alone:
     * it must come back if all bindings are gone.
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

    /** The repositories that are bound and not among those needed. */
    List<RepositoryName> except(Predicate<RepositoryName> needed) {
        return bound.stream()
                .filter(key -> !RoutingKeys.isOurs(key))
                .map(RepositoryName::new)
                .filter(needed.negate())
                .toList();
    }

    /**
     * Takes the binding away, unless the repository is needed after all: whoever comes to need it, says so to the predicate, and
     * only then asks {@link #has}, either is seen here or sees that it is not bound.
     *
     * @return whether it was taken away
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

    /** Takes away the binding of a key that is not a repository's, and does not wait for the answer. */
    void removeKey(String key) throws IOException {
        bound.remove(key);
        var unused = channel.asyncCompletableRpc(new AMQP.Queue.Unbind.Builder()
                .queue(queue)
                .exchange(exchange)
                .routingKey(key)
                .build());
    }

    /** Many in one go: the broker answers the last one only, after it has done the others. */
    private void bind(List<String> keys) throws IOException {
        for (int i = 0; i < keys.size() - 1; i++) {
            channel.queueBindNoWait(queue, exchange, keys.get(i), Map.of());
        }
        if (!keys.isEmpty()) {
            channel.queueBind(queue, exchange, keys.get(keys.size() - 1));
        }
    }
}
