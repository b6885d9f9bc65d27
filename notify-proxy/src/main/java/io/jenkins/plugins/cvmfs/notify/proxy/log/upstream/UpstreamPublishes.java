package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends publishes to the upstream: a few at a time, each on a connection of its own, and those of one repository one after the other, so that
 * they arrive in order. The others wait; their number is bounded by the callers. Thread-safe; does not block.
 */
final class UpstreamPublishes {

    /** The number of requests under way. More would only wait at the upstream, each with its connection. */
    static final int AT_ONCE = 16;

    /**
     * A publish that waits for its turn.
     *
     * @param answer completes when the caller no longer waits
     */
    private record Waiting(CompletableFuture<Void> answer, Supplier<CompletableFuture<Void>> send) {}

    /** Waiting publishes, the oldest first; of a repository with a request under way too. */
    private final Map<RepositoryName, Deque<Waiting>> waiting = new HashMap<>();

    /** The repositories among them without a request under way, in the order of their turns. */
    private final Deque<RepositoryName> ready = new ArrayDeque<>();

    private int underWay;
    private boolean isStarting;

    /**
     * Sends it when its turn comes, unless the answer is complete by then.
     *
     * @param answer completed by the caller, from the outcome or earlier
     * @param send sends the request
     */
    void add(RepositoryName repository, CompletableFuture<Void> answer, Supplier<CompletableFuture<Void>> send) {
        synchronized (this) {
            Deque<Waiting> queue = waiting.get(repository);
            if (queue == null) {
                queue = new ArrayDeque<>();
                waiting.put(repository, queue);
                ready.add(repository);
            }
            queue.add(new Waiting(answer, send));
        }
        startAll();
    }

    /** One caller at a time starts requests; one that finds another doing so leaves the rest to it. */
    private void startAll() {
        synchronized (this) {
            if (isStarting) {
                return;
            }
            isStarting = true;
        }
        for (Optional<RepositoryName> next = take(); next.isPresent(); next = take()) {
            start(next.get());
        }
    }

    private synchronized Optional<RepositoryName> take() {
        RepositoryName next = underWay < AT_ONCE ? ready.poll() : null;
        if (next == null) {
            isStarting = false;
            return Optional.empty();
        }
        underWay++;
        return Optional.of(next);
    }

    private void start(RepositoryName repository) {
        Waiting first = first(repository);
        CompletableFuture<Void> sent = first.answer().isDone()
                ? CompletableFuture.completedFuture(null)
                : first.send().get();
        var unused = sent.whenComplete((done, failure) -> {
            ended(repository);
            startAll();
        });
    }

    private synchronized Waiting first(RepositoryName repository) {
        return queue(repository).remove();
    }

    /** Returns the queue of a repository with a request that waits or is under way. */
    private Deque<Waiting> queue(RepositoryName repository) {
        return Objects.requireNonNull(waiting.get(repository));
    }

    private synchronized void ended(RepositoryName repository) {
        underWay--;
        if (queue(repository).isEmpty()) {
            waiting.remove(repository);
        } else {
            ready.add(repository);
        }
    }

    /** Returns the number of requests that wait for their turn. */
    synchronized int waiting() {
        return waiting.values().stream().mapToInt(Deque::size).sum();
    }
}
