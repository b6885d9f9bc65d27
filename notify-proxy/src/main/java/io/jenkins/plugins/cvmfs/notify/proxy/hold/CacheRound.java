package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Refreshes the caches for one revision, each again and again until it serves the revision from every replica that has it. Confined to
 * the thread of the {@link Hold}, except {@link #missing()}.
 */
final class CacheRound {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /**
     * The parts that all rounds share.
     *
     * @param turns few refreshes of one cache at a time
     */
    record Shared(Sites sites, ScheduledExecutorService thread, Turns turns) {}

    private final Shared shared;
    private final Manifest wanted;
    private final boolean exact;
    private final List<RepositoryLocation> locations;
    private final int needed;
    private final Runnable refreshed;
    private final Runnable failed;
    private final Map<HttpCache, String> problems = new LinkedHashMap<>();
    private final int caches;
    private boolean isOver;
    private volatile String missing = "";

    /**
     * @param wanted what the caches must serve, or something newer
     * @param exact whether something newer is not good enough, because it was rolled back
     * @param locations the URLs that clients read through the caches
     * @param needed how many of the caches
     * @param refreshed called once, when as many serve it
     * @param failed called whenever a refresh has failed: perhaps a replica cannot be reached any more
     */
    CacheRound(
            Shared shared,
            Manifest wanted,
            boolean exact,
            List<RepositoryLocation> locations,
            List<HttpCache> caches,
            int needed,
            Runnable refreshed,
            Runnable failed) {
        this.shared = shared;
        this.wanted = wanted;
        this.exact = exact;
        this.locations = locations;
        this.needed = needed;
        this.refreshed = refreshed;
        this.failed = failed;
        this.caches = caches.size();
        caches.forEach(cache -> problems.put(cache, "cache " + cache + " has not answered yet"));
        describe();
    }

    void start() {
        List.copyOf(problems.keySet()).forEach(cache -> attempt(cache, FIRST_PAUSE));
    }

    List<RepositoryLocation> locations() {
        return locations;
    }

    boolean isExact() {
        return exact;
    }

    /** Begins no further refresh. */
    void cancel() {
        isOver = true;
    }

    /** Returns what is missing, one sentence; from any thread. */
    String missing() {
        return missing;
    }

    private void attempt(HttpCache cache, Duration pause) {
        shared.turns().take(cache, () -> isOver ? CompletableFuture.completedFuture(null) : refresh(cache, pause));
    }

    private CompletableFuture<?> refresh(HttpCache cache, Duration pause) {
        List<CompletableFuture<List<CacheRefresher.Result>>> answers = new ArrayList<>();
        locations.forEach(location -> answers.add(shared.sites().refresh(location, cache, wanted.revision())));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .whenCompleteAsync(
                        (all, failure) -> answered(
                                cache,
                                pause,
                                failure == null ? problem(cache, answers) : cache + ": " + cause(failure)),
                        shared.thread());
    }

    private static String cause(Throwable failure) {
        return String.valueOf(
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause().getMessage()
                        : failure.getMessage());
    }

    /** Returns the first problem at one of the cache's addresses; empty if there is none. */
    private String problem(HttpCache cache, List<CompletableFuture<List<CacheRefresher.Result>>> answers) {
        for (CompletableFuture<List<CacheRefresher.Result>> answer : answers) {
            for (CacheRefresher.Result result : answer.join()) {
                if (!result.isFresh()) {
                    return result.toString();
                }
                if (exact && !wanted.revision().equals(result.revision())) {
                    return "cache %s still serves revision %s".formatted(cache, result.revision());
                }
            }
        }
        return "";
    }

    private void answered(HttpCache cache, Duration pause, String problem) {
        if (isOver) {
            return;
        }
        if (problem.isEmpty()) {
            problems.remove(cache);
        } else {
            problems.put(cache, problem);
            Duration longer = pause.multipliedBy(2);
            Duration next = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            var unused = shared.thread().schedule(() -> attempt(cache, next), pause.toNanos(), TimeUnit.NANOSECONDS);
        }
        describe();
        if (fresh() >= needed) {
            isOver = true;
            refreshed.run();
        } else if (!problem.isEmpty()) {
            failed.run();
        }
    }

    private int fresh() {
        return caches - problems.size();
    }

    private void describe() {
        missing = "%d of %d caches serve revision %s, %d needed: %s"
                .formatted(
                        fresh(),
                        caches,
                        wanted.revision(),
                        needed,
                        problems.values().stream().collect(Collectors.joining("; ")));
    }

    /**
     * Lets few tasks of a cache run at a time, the others in order; one cache that is slow or dead delays no other. Each waiting task
     * belongs to a held revision. Confined to the thread.
     */
    static final class Turns {

        private static final int AT_A_TIME = 4;

        /** Begins something; its end, whatever it is, gives the turn to the next. */
        interface Task {
            CompletableFuture<?> begin();
        }

        private static final class Queue {
            private final Deque<Task> waiting = new ArrayDeque<>();
            private int underWay;
        }

        private final Executor thread;
        private final Map<HttpCache, Queue> queues = new HashMap<>();

        Turns(Executor thread) {
            this.thread = thread;
        }

        void take(HttpCache cache, Task task) {
            queues.computeIfAbsent(cache, none -> new Queue()).waiting.add(task);
            next(cache);
        }

        private void next(HttpCache cache) {
            Queue queue = queues.get(cache);
            while (queue != null && queue.underWay < AT_A_TIME && !queue.waiting.isEmpty()) {
                queue.underWay++;
                var unused = queue.waiting.remove().begin().whenComplete((value, failure) -> end(cache, queue));
            }
        }

        private void end(HttpCache cache, Queue queue) {
            try {
                thread.execute(() -> {
                    queue.underWay--;
                    if (queue.underWay == 0 && queue.waiting.isEmpty()) {
                        queues.remove(cache, queue);
                    }
                    next(cache);
                });
            } catch (RejectedExecutionException proxyIsShuttingDown) {
                // Nothing is refreshed any more.
            }
        }
    }
}
