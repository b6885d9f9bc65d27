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
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.ServerStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.WatchedRepository.Place;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configured replicas of every announced repository, when there is a reason to, and shows what they serve. The package's
 * description has the rules. Thread-safe; nothing blocks.
 */
public final class ReplicaBoard implements LogListener, Reloadable, AutoCloseable {

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
    private final HostTurns<Reading> turns;
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
        this(config, network, lastValues, DaemonThreads.scheduler("cvmfs-notify-watch"), new Random(), clock, meters);
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
        this.turns = new HostTurns<>(1, Integer.MAX_VALUE, thread);
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
            thread.execute(() -> gone.places().forEach(place -> remove(gone, place)));
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
            thread.execute(() -> {
                woken.remove(name);
                examine(name);
            });
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
        return places(repository).map(Place::status).toList();
    }

    /** Returns the last propagation times to a replica, the newest first. */
    public List<Propagation> propagationsOf(RepositoryName repository, RepositoryLocation replica) {
        return places(repository)
                .filter(place -> place.location().equals(replica))
                .flatMap(place -> place.times().stream())
                .toList();
    }

    private Stream<Place> places(RepositoryName repository) {
        return Stream.ofNullable(repositories.get(repository)).flatMap(it -> it.places().stream());
    }

    /** Returns the state of the servers, each for all of its repositories, ordered by name. */
    public List<ServerStatus> servers() {
        return metrics.servers();
    }

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
            wanted.put(RepositoryConfig.location(text, name.value()), isUnique ? shortName(text) : text);
        }
        return wanted;
    }

    private static String shortName(String configured) {
        RepositoryLocation location = RepositoryConfig.location(configured, "name");
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
        readings.computeIfAbsent(place.location(), none -> new CopyOnWriteArrayList<>())
                .add(reading);
        repository.add(place);
        metrics.add(place);
    }

    private void remove(WatchedRepository repository, Place place) {
        repository.remove(place);
        metrics.remove(place);
        Reading reading = byPlace.remove(place);
        if (reading != null) {
            reading.stop();
            List<Reading> all = readings.getOrDefault(place.location(), List.of());
            all.remove(reading);
            if (all.isEmpty()) {
                readings.remove(place.location());
            }
        }
    }

    /** Takes a manifest that was read, by this board or for a hold; on any thread. */
    private void read(RepositoryLocation location, @Nullable FetchedManifest fetched, @Nullable Throwable failure) {
        if (readings.containsKey(location)) {
            Instant now = clock.instant();
            thread.execute(() ->
                    readings.getOrDefault(location, List.of()).forEach(reading -> reading.take(fetched, failure, now)));
        }
    }

    /** Cancels every read. Closing twice is fine. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** When a replica is read. Confined to the thread. */
    private final class Reading implements HostTurns.Task<FetchedManifest> {

        private final Place place;
        private @Nullable Future<?> timer;
        private Instant dueSince = Instant.EPOCH;
        private Duration lateBy = Duration.ZERO;
        private boolean isDue;
        private boolean isReadMeanwhile;
        private boolean isStopped;

        Reading(Place place) {
            this.place = place;
        }

        /** Sets the timer for the next read, unless one is under way or waits for its host. */
        void plan() {
            cancelTimer();
            if (isDue && isUrgent()) {
                turns.promote(this);
            } else if (!isDue && !isStopped) {
                Duration most = config.operator().watch().interval();
                Instant now = clock.instant();
                Duration pause = Duration.between(now, place.nextRead(now, most, random));
                // Not longer, even if the clock was set back since the last read.
                timer = thread.schedule(this::due, Math.min(most.toMillis(), pause.toMillis()), TimeUnit.MILLISECONDS);
            }
        }

        private void due() {
            dueSince = clock.instant();
            isReadMeanwhile = false;
            isDue = true;
            turns.add(this);
        }

        @Override
        public Object host() {
            return place.location().host();
        }

        @Override
        public boolean isUrgent() {
            return place.isExpectedToServeMore();
        }

        /** Reads nothing if it was read for a hold while it waited for its turn. */
        @Override
        public CompletableFuture<FetchedManifest> begin() {
            if (isReadMeanwhile) {
                return CompletableFuture.completedFuture(null);
            }
            lateBy = Duration.between(dueSince, clock.instant());
            return network.reader().manifest(place.location(), place.last());
        }

        /** The result has been reported, and taken, before, unless the read could not begin. */
        @Override
        public void ended(@Nullable FetchedManifest fetched, @Nullable Throwable failure) {
            if (failure != null && !isReadMeanwhile && !isStopped) {
                take(null, failure, clock.instant());
            }
            isDue = false;
            lateBy = Duration.ZERO;
            plan();
        }

        void take(@Nullable FetchedManifest fetched, @Nullable Throwable failure, Instant at) {
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
            turns.remove(this);
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
