package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Percentiles;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.WatchedRepository.Place;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configured replicas of every announced repository, when there is a reason to, and shows what they serve. The package's
 * description has the rules. Thread-safe; nothing blocks.
 */
public final class ReplicaBoard implements LogListener, Reloadable, AutoCloseable {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);

    /** The part of the time since an announcement after which a replica that lags is read again. */
    private static final int PART_OF_LAG = 5;

    /** The part of the interval over which the first reads are spread. */
    private static final int SPREAD = 20;

    private final ReplicaNetwork network;
    private final Supplier<List<Announcement>> lastValues;
    private final ScheduledExecutorService thread;
    private final RandomGenerator random;
    private final Clock clock;
    private final WatchMetrics metrics;
    private final Set<RepositoryName> woken = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<RepositoryName, WatchedRepository> repositories = new ConcurrentHashMap<>();

    /** The readings of each location; changed on the thread only. */
    private final ConcurrentMap<RepositoryLocation, List<Reading>> readings = new ConcurrentHashMap<>();

    private final Map<Place, Reading> byPlace = new HashMap<>();
    private final Map<String, Host> hosts = new HashMap<>();
    private volatile ProxyConfig config;
    private volatile Instant configuredAt;
    private volatile Consumer<RepositoryName> readListener = repository -> {};

    /** @param lastValues the announcements that subscribers were told, for repositories that are watched after a reload */
    public ReplicaBoard(
            ProxyConfig config,
            ReplicaNetwork network,
            Supplier<List<Announcement>> lastValues,
            Clock clock,
            MeterRegistry meters) {
        this(
                config,
                network,
                lastValues,
                Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("cvmfs-notify-watch")),
                () -> ThreadLocalRandom.current().nextLong(),
                clock,
                meters);
    }

    /**
     * @param thread one thread; closed with this object
     * @param random used on that thread
     */
    ReplicaBoard(
            ProxyConfig config,
            ReplicaNetwork network,
            Supplier<List<Announcement>> lastValues,
            ScheduledExecutorService thread,
            RandomGenerator random,
            Clock clock,
            MeterRegistry meters) {
        this.config = config;
        this.network = network;
        this.lastValues = lastValues;
        this.thread = thread;
        this.random = random;
        this.clock = clock;
        this.configuredAt = clock.instant();
        this.metrics = new WatchMetrics(meters, clock);
        network.onRead(this::read);
    }

    @Override
    public void delivered(Announcement announcement) {
        RepositoryName name = announcement.message().repository();
        if (replicasOf(config, name).isEmpty()) {
            return;
        }
        repositories.computeIfAbsent(name, WatchedRepository::new).announced(announcement, clock.instant());
        wake(name);
    }

    @Override
    public void forgotten(RepositoryName repository) {
        WatchedRepository gone = repositories.remove(repository);
        if (gone != null) {
            run(() -> gone.places().forEach(place -> remove(gone, place)));
        }
    }

    /** Returns false: a repository is watched once it is announced. */
    @Override
    public boolean awaits(RepositoryName repository) {
        return false;
    }

    private static List<String> replicasOf(ProxyConfig config, RepositoryName name) {
        return config.operator().watch().replicasOf(name, config.delivery());
    }

    private void wake(RepositoryName name) {
        if (woken.add(name)) {
            run(() -> {
                woken.remove(name);
                examine(name);
            });
        }
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException proxyIsShuttingDown) {
            // Nothing is read any more.
        }
    }

    @Override
    public Runnable prepare(ProxyConfig next) {
        return () -> {
            configuredAt = clock.instant();
            config = next;
            repositories.keySet().forEach(this::wake);
            lastValues.get().stream()
                    .filter(value -> !repositories.containsKey(value.message().repository()))
                    .forEach(this::delivered);
        };
    }

    /** Calls this after each read of a replica, with its repository. It must not block. */
    public void onRead(Consumer<RepositoryName> listener) {
        readListener = listener;
    }

    /** Returns the state of each watched replica of a repository; those of a reload come last. */
    public List<ReplicaStatus> replicasOf(RepositoryName repository) {
        return Optional.ofNullable(repositories.get(repository)).stream()
                .flatMap(it -> it.places().stream())
                .map(Place::status)
                .toList();
    }

    /** Returns the last propagation times to a replica, the newest first. */
    public List<Propagation> propagationsOf(RepositoryName repository, RepositoryLocation replica) {
        return Optional.ofNullable(repositories.get(repository)).stream()
                .flatMap(it -> it.places().stream())
                .filter(place -> place.location().equals(replica))
                .flatMap(place -> place.times().stream())
                .toList();
    }

    /** Returns the state of the servers, each for all of its repositories, ordered by name. */
    public List<ServerStatus> servers() {
        return metrics.servers();
    }

    /**
     * A server, or a folder, with all the repositories that are watched there.
     *
     * @param repositories how many
     * @param lagging how many of them lack an announced revision there
     * @param unreadable how many could not be read the last time
     * @param usual the propagation times of the last revisions of all of them; empty if none was measured
     */
    public record ServerStatus(
            String replica, int repositories, int lagging, int unreadable, Optional<Percentiles> usual) {}

    /** Compares the replicas of a repository with the configuration, acts on the difference, and decides anew when each is read. */
    private void examine(RepositoryName name) {
        WatchedRepository repository = repositories.get(name);
        if (repository == null) {
            return;
        }
        Map<RepositoryLocation, String> wanted = wanted(name);
        for (Place place : repository.places()) {
            if (wanted.remove(place.location()) == null) {
                remove(repository, place);
            }
        }
        boolean isComplete = true;
        for (Map.Entry<RepositoryLocation, String> missing : wanted.entrySet()) {
            if (byPlace.size() < config.operator().watch().maxReplicas()) {
                add(new Place(repository, missing.getValue(), missing.getKey(), configuredAt), repository);
            } else {
                isComplete = false;
            }
        }
        if (!isComplete) {
            metrics.unwatched();
        }
        if (replicasOf(config, name).isEmpty()) {
            repositories.remove(name, repository);
        }
        repository
                .places()
                .forEach(place -> Objects.requireNonNull(byPlace.get(place)).plan());
    }

    /** Returns the short name of each replica: its host, or the folder; as configured if it would be ambiguous. */
    private Map<RepositoryLocation, String> wanted(RepositoryName name) {
        List<String> configured = replicasOf(config, name);
        Map<RepositoryLocation, String> wanted = new LinkedHashMap<>();
        for (String text : configured) {
            boolean isUnique = configured.stream()
                            .filter(other -> shortName(other).equals(shortName(text)))
                            .count()
                    == 1;
            wanted.put(
                    RepositoryLocation.parse(text.replace(RepositoryConfig.PLACEHOLDER, name.value())),
                    isUnique ? shortName(text) : text);
        }
        return wanted;
    }

    private static String shortName(String configured) {
        RepositoryLocation location =
                RepositoryLocation.parse(configured.replace(RepositoryConfig.PLACEHOLDER, "name"));
        if (location instanceof RepositoryLocation.Web || location instanceof RepositoryLocation.EachAddress) {
            return location.host();
        }
        int placeholder = configured.indexOf(RepositoryConfig.PLACEHOLDER);
        return placeholder <= 1
                ? configured
                : configured.substring(0, placeholder).replaceAll("/$", "");
    }

    private void add(Place place, WatchedRepository repository) {
        Reading reading = new Reading(place);
        byPlace.put(place, reading);
        readings.merge(place.location(), List.of(reading), ReplicaBoard::joined);
        repository.add(place);
        metrics.add(place);
    }

    private static List<Reading> joined(List<Reading> some, List<Reading> more) {
        List<Reading> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    private void remove(WatchedRepository repository, Place place) {
        repository.remove(place);
        metrics.remove(place);
        Reading reading = byPlace.remove(place);
        if (reading != null) {
            reading.stop();
            readings.computeIfPresent(place.location(), (location, all) -> {
                List<Reading> others = all.stream().filter(it -> it != reading).toList();
                return others.isEmpty() ? null : others;
            });
        }
    }

    /** Takes a manifest that was read, by this board or for a hold; on any thread. */
    private void read(RepositoryLocation location, @Nullable FetchedManifest fetched, @Nullable Throwable failure) {
        if (readings.containsKey(location)) {
            Instant now = clock.instant();
            run(() ->
                    readings.getOrDefault(location, List.of()).forEach(reading -> reading.take(fetched, failure, now)));
        }
    }

    /** Cancels every read. Closing twice is fine. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** A server, which is asked one thing at a time. Confined to the thread. */
    private final class Host {

        private final String name;
        /** Replicas that lack an announced revision, before all others. */
        private final Deque<Reading> urgent = new ArrayDeque<>();

        private final Deque<Reading> others = new ArrayDeque<>();
        private boolean isAsked;

        Host(String name) {
            this.name = name;
        }

        void add(Reading reading) {
            (reading.isUrgent() ? urgent : others).add(reading);
            next();
        }

        void promote(Reading reading) {
            if (others.remove(reading)) {
                urgent.add(reading);
            }
        }

        private void next() {
            Reading reading = isAsked ? null : urgent.isEmpty() ? others.poll() : urgent.poll();
            if (reading == null) {
                if (!isAsked) {
                    hosts.remove(name, this);
                }
                return;
            }
            isAsked = true;
            CompletableFuture<FetchedManifest> read = reading.begin();
            if (read == null) {
                run(() -> over(reading));
                return;
            }
            var unused = read.whenComplete((fetched, failure) -> {
                read(reading.place.location(), fetched, failure);
                run(() -> over(reading));
            });
        }

        private void over(Reading reading) {
            isAsked = false;
            reading.end();
            next();
        }
    }

    /** When a replica is read. Confined to the thread. */
    private final class Reading {

        private final Place place;
        private @Nullable Future<?> timer;
        private @Nullable Host host;
        private Instant dueSince = Instant.EPOCH;
        private Duration lateBy = Duration.ZERO;
        private boolean isReadMeanwhile;
        private boolean isStopped;

        Reading(Place place) {
            this.place = place;
        }

        /** Sets the timer for the next read, unless one is under way or waits for its host. */
        void plan() {
            cancelTimer();
            Host waitsFor = host;
            if (waitsFor != null && isUrgent()) {
                waitsFor.promote(this);
            } else if (waitsFor == null && !isStopped) {
                long most = config.operator().watch().interval().toMillis();
                // Not longer, even if the clock was set back since the last read.
                long pause =
                        Math.min(most, Duration.between(clock.instant(), next()).toMillis());
                timer = thread.schedule(this::due, pause, TimeUnit.MILLISECONDS);
            }
        }

        private Instant next() {
            Instant now = clock.instant();
            Duration interval = config.operator().watch().interval();
            Optional<Instant> tried = place.triedAt();
            Optional<Instant> lacks = place.lacksSince();
            if (tried.isEmpty() && !place.isExpectedToServeMore()) {
                return now.plusMillis(random.nextLong(interval.toMillis() / SPREAD + 1));
            }
            Instant last = tried.orElse(now);
            if (lacks.isPresent()) {
                Instant from = lacks.get().isAfter(last) ? lacks.get() : last;
                return from.plus(varied(part(lacks.get(), now, FIRST_PAUSE, interval)));
            }
            return last.plus(varied(place.errorSince()
                    .map(since -> part(since, now, FIRST_RETRY, interval))
                    .orElse(interval)));
        }

        private Duration part(Instant since, Instant now, Duration least, Duration most) {
            Duration part = Duration.between(since, now).dividedBy(PART_OF_LAG);
            Duration longEnough = part.compareTo(least) < 0 ? least : part;
            return longEnough.compareTo(most) > 0 ? most : longEnough;
        }

        /** A tenth less or more, so that many replicas are not read at the same moment. */
        private Duration varied(Duration pause) {
            long tenth = pause.toMillis() / 10;
            return pause.plusMillis(random.nextLong(-tenth, tenth + 1));
        }

        private void due() {
            dueSince = clock.instant();
            isReadMeanwhile = false;
            Host shared = hosts.computeIfAbsent(place.location().host(), Host::new);
            host = shared;
            shared.add(this);
        }

        boolean isUrgent() {
            return place.isExpectedToServeMore();
        }

        /** Reads; null if it was read for a hold while it waited for its turn. */
        @Nullable
        CompletableFuture<FetchedManifest> begin() {
            if (isStopped || isReadMeanwhile) {
                return null;
            }
            lateBy = Duration.between(dueSince, clock.instant());
            try {
                return network.unreported().manifest(place.location(), place.last());
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        void end() {
            host = null;
            lateBy = Duration.ZERO;
            plan();
        }

        void take(@Nullable FetchedManifest fetched, @Nullable Throwable failure, Instant at) {
            if (isStopped) {
                return;
            }
            isReadMeanwhile = true;
            metrics.read(fetched != null);
            if (fetched == null) {
                place.failed(NotifyException.reason(Objects.requireNonNull(failure)), at);
            } else {
                metrics.measured(place, place.read(fetched, lateBy, at));
            }
            readListener.accept(place.repository());
            plan();
        }

        void stop() {
            isStopped = true;
            cancelTimer();
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }
    }
}
