package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.HostTurns;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Refreshes the caches for one revision, each again and again until it serves the revision from every replica that has it. Confined to
 * the thread of the {@link Hold}, except {@link #missing()}.
 */
final class CacheRound {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final int MOST_OF_CACHE = 4;

    /**
     * The parts that all rounds share.
     *
     * @param turns few refreshes of one cache at a time, each for a held revision
     */
    record Shared(Sites sites, ScheduledExecutorService thread, HostTurns<HostTurns.Task<?>> turns) {

        Shared(Sites sites, ScheduledExecutorService thread) {
            this(sites, thread, new HostTurns<>(MOST_OF_CACHE, Integer.MAX_VALUE, thread));
        }
    }

    private final Shared shared;
    private final Dispatch readable;
    private final Manifest wanted;
    private final boolean exact;
    private final int needed;
    private final Runnable refreshed;
    private final Runnable failed;
    private final List<Progress> caches;
    private List<RepositoryLocation> locations;
    private boolean isOver;
    private volatile String missing = "";

    /**
     * @param readable the announcement whose revision the caches must serve, or something newer
     * @param exact whether something newer is not good enough, because it was rolled back
     * @param locations the URLs that clients read through the caches
     * @param needed how many of the caches
     * @param refreshed called once, when as many serve it
     * @param failed called whenever a refresh has failed: perhaps a replica cannot be reached any more
     */
    CacheRound(
            Shared shared,
            Dispatch readable,
            boolean exact,
            List<RepositoryLocation> locations,
            List<HttpCache> caches,
            int needed,
            Runnable refreshed,
            Runnable failed) {
        this.shared = shared;
        this.readable = readable;
        this.wanted = readable.announcement().message().manifest();
        this.exact = exact;
        this.locations = locations;
        this.needed = needed;
        this.refreshed = refreshed;
        this.failed = failed;
        this.caches = caches.stream().map(Progress::new).toList();
        describe();
    }

    void start() {
        caches.forEach(this::attempt);
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
        caches.stream()
                .filter(cache -> !cache.isAsked && !cache.asked.containsAll(others))
                .forEach(this::attempt);
        conclude();
    }

    Dispatch readable() {
        return readable;
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
        shared.turns().add(cache);
    }

    /** Returns the first problem at one of the cache's addresses; empty if there is none. */
    private String problem(HttpCache cache, List<CacheRefresher.Result> results, @Nullable Throwable failure) {
        if (failure != null) {
            return cache + ": " + NotifyException.unwrapped(failure).getMessage();
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

    private void conclude() {
        describe();
        if (!isOver && fresh() >= needed) {
            isOver = true;
            refreshed.run();
        }
    }

    private long fresh() {
        return caches.stream().filter(Progress::isFresh).count();
    }

    private void describe() {
        missing = "%d of %d caches serve revision %s, %d needed: %s"
                .formatted(
                        fresh(),
                        caches.size(),
                        wanted.revision(),
                        needed,
                        caches.stream()
                                .filter(cache -> !cache.isFresh())
                                .map(cache -> cache.problem)
                                .collect(Collectors.joining("; ")));
    }

    /** How far one cache is. Confined to the thread. */
    private final class Progress implements HostTurns.Task<Void> {

        private final HttpCache address;
        private final Set<RepositoryLocation> asked = new HashSet<>();
        private final Set<RepositoryLocation> served = new HashSet<>();

        /** Of the last refresh; a problem is empty if there is none. */
        private final Map<RepositoryLocation, CompletableFuture<String>> problems = new LinkedHashMap<>();

        private final BackOff pauses = new BackOff(
                FIRST_PAUSE, LONGEST_PAUSE, () -> ThreadLocalRandom.current().nextDouble());
        private boolean isAsked;
        private String problem;

        Progress(HttpCache address) {
            this.address = address;
            this.problem = "cache " + address + " has not answered yet";
        }

        boolean isFresh() {
            return served.containsAll(locations);
        }

        @Override
        public Object host() {
            return address;
        }

        /** Refreshes what it does not serve yet. */
        @Override
        public CompletableFuture<Void> begin() {
            problems.clear();
            locations.stream()
                    .filter(location -> !isOver && !served.contains(location))
                    .forEach(location -> problems.put(
                            location,
                            shared.sites()
                                    .refresh(location, address, wanted.revision())
                                    .handle((results, failure) -> problem(address, results, failure))));
            asked.addAll(problems.keySet());
            return CompletableFuture.allOf(problems.values().toArray(CompletableFuture<?>[]::new));
        }

        @Override
        public void ended(@Nullable Void all, @Nullable Throwable failure) {
            isAsked = false;
            if (isOver) {
                return;
            }
            String firstProblem = failure == null ? takeServed() : problem(address, List.of(), failure);
            if (firstProblem.isEmpty()) {
                // Nothing to do unless the locations have changed meanwhile.
                attempt(this);
            } else {
                problem = firstProblem;
                var unused = shared.thread()
                        .schedule(() -> attempt(this), pauses.next().toNanos(), TimeUnit.NANOSECONDS);
            }
            conclude();
            if (!isOver && !firstProblem.isEmpty()) {
                failed.run();
            }
        }

        /** Notes what it serves now; returns the first problem, empty if there is none. */
        private String takeServed() {
            String firstProblem = "";
            for (var answer : problems.entrySet()) {
                String found = answer.getValue().join();
                if (found.isEmpty()) {
                    served.add(answer.getKey());
                } else if (firstProblem.isEmpty()) {
                    firstProblem = found;
                }
            }
            return firstProblem;
        }
    }
}
