package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
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
    private final int needed;
    private final Runnable refreshed;
    private final Runnable failed;
    private final Map<HttpCache, Progress> caches = new LinkedHashMap<>();
    private List<RepositoryLocation> locations;
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
        caches.forEach(cache -> this.caches.put(cache, new Progress(cache)));
        describe();
    }

    void start() {
        caches.values().forEach(this::attempt);
    }

    /**
     * Goes on with other locations, because the caches may not reach the former any more. What a cache serves already is not asked
     * for again, and a cache that failed is asked at once only for what it was never asked for.
     */
    void readAt(List<RepositoryLocation> others) {
        if (locations.equals(others)) {
            return;
        }
        locations = others;
        caches.values().stream()
                .filter(cache -> !cache.isAsked && !cache.asked.containsAll(others))
                .forEach(this::attempt);
        conclude();
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

    private void attempt(Progress cache) {
        if (isOver || cache.isAsked || cache.isFresh()) {
            return;
        }
        cache.isAsked = true;
        shared.turns().take(cache.address, () -> isOver ? CompletableFuture.completedFuture(null) : refresh(cache));
    }

    private CompletableFuture<?> refresh(Progress cache) {
        Map<RepositoryLocation, CompletableFuture<List<CacheRefresher.Result>>> answers = new LinkedHashMap<>();
        locations.stream()
                .filter(location -> !cache.served.contains(location))
                .forEach(location ->
                        answers.put(location, shared.sites().refresh(location, cache.address, wanted.revision())));
        cache.asked.addAll(answers.keySet());
        return CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .whenCompleteAsync((all, failure) -> answered(cache, answers), shared.thread());
    }

    /** Returns the first problem at one of the cache's addresses; empty if there is none. */
    private String problem(HttpCache cache, CompletableFuture<List<CacheRefresher.Result>> answer) {
        List<CacheRefresher.Result> results;
        try {
            results = answer.join();
        } catch (CompletionException | CancellationException e) {
            return cache + ": " + NotifyException.unwrapped(e).getMessage();
        }
        for (CacheRefresher.Result result : results) {
            if (!result.isFresh()) {
                return result.toString();
            }
            if (exact && !wanted.revision().equals(result.revision())) {
                return "cache %s still serves revision %s".formatted(cache, result.revision());
            }
        }
        return "";
    }

    private void answered(
            Progress cache, Map<RepositoryLocation, CompletableFuture<List<CacheRefresher.Result>>> answers) {
        cache.isAsked = false;
        if (isOver) {
            return;
        }
        String firstProblem = "";
        for (var answer : answers.entrySet()) {
            String problem = problem(cache.address, answer.getValue());
            if (problem.isEmpty()) {
                cache.served.add(answer.getKey());
            } else if (firstProblem.isEmpty()) {
                firstProblem = problem;
            }
        }
        if (firstProblem.isEmpty()) {
            // Nothing to do unless the locations have changed meanwhile.
            attempt(cache);
        } else {
            cache.problem = firstProblem;
            var unused = shared.thread().schedule(() -> attempt(cache), cache.pause.toNanos(), TimeUnit.NANOSECONDS);
            Duration longer = cache.pause.multipliedBy(2);
            cache.pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
        }
        conclude();
        if (!isOver && !firstProblem.isEmpty()) {
            failed.run();
        }
    }

    private void conclude() {
        describe();
        if (!isOver && fresh() >= needed) {
            isOver = true;
            refreshed.run();
        }
    }

    private long fresh() {
        return caches.values().stream().filter(Progress::isFresh).count();
    }

    private void describe() {
        missing = "%d of %d caches serve revision %s, %d needed: %s"
                .formatted(
                        fresh(),
                        caches.size(),
                        wanted.revision(),
                        needed,
                        caches.values().stream()
                                .filter(cache -> !cache.isFresh())
                                .map(cache -> cache.problem)
                                .collect(Collectors.joining("; ")));
    }

    /** How far one cache is. Confined to the thread. */
    private final class Progress {

        private final HttpCache address;
        private final Set<RepositoryLocation> asked = new HashSet<>();
        private final Set<RepositoryLocation> served = new HashSet<>();
        private Duration pause = FIRST_PAUSE;
        private boolean isAsked;
        private String problem;

        Progress(HttpCache address) {
            this.address = address;
            this.problem = "cache " + address + " has not answered yet";
        }

        boolean isFresh() {
            return served.containsAll(locations);
        }
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
