package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.ServerStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.WatchedRepository.Place;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** The metrics of watching, most of them for each name of a replica: of these there are as many as the configuration has. Thread-safe. */
final class WatchMetrics {

    private static final int MOST_TIMES = 1000;

    private final MeterRegistry meters;
    private final Clock clock;
    private final ConcurrentMap<String, Server> servers = new ConcurrentHashMap<>();
    private final Counter unwatched;
    private final Counter read;
    private final Counter failed;

    /** All repositories of what has one name. */
    static final class Server {

        private final String replica;
        private final Set<Place> places = ConcurrentHashMap.newKeySet();
        private final PropagationTimes times = new PropagationTimes(MOST_TIMES);
        private final Timer propagation;

        private Server(String replica, MeterRegistry meters) {
            this.replica = replica;
            this.propagation = Timer.builder("cvmfs_notify_replica_propagation")
                    .description("Time from the announcement of a revision until it was first seen at the replica")
                    .tag("replica", replica)
                    .serviceLevelObjectives(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(15),
                            Duration.ofMinutes(1),
                            Duration.ofMinutes(5),
                            Duration.ofMinutes(15),
                            Duration.ofHours(1),
                            Duration.ofHours(4),
                            Duration.ofDays(1))
                    .register(meters);
        }

        private long count(Predicate<ReplicaStatus> which) {
            return places.stream().map(Place::status).filter(which).count();
        }

        private ServerStatus status() {
            return new ServerStatus(
                    replica,
                    places.size(),
                    (int) count(status -> status.laggingSince() != null),
                    (int) count(status -> status.error() != null),
                    times.percentiles());
        }

        private double longestLagSeconds(Instant now) {
            return places.stream()
                    .flatMap(place -> Optional.ofNullable(place.status().laggingSince()).stream())
                    .min(Comparator.naturalOrder())
                    .map(since -> Math.max(0, Duration.between(since, now).toMillis() / 1e3))
                    .orElse(0.0);
        }
    }

    WatchMetrics(MeterRegistry meters, Clock clock) {
        this.meters = meters;
        this.clock = clock;
        this.unwatched = Counter.builder("cvmfs_notify_announcements_unwatched")
                .description("Announcements of repositories with replicas beyond the limit of watched ones")
                .register(meters);
        this.read = reads("ok");
        this.failed = reads("failed");
        Gauge.builder("cvmfs_notify_watched_replicas", servers, WatchMetrics::places)
                .description("Replicas that are watched, each counted for every repository")
                .register(meters);
    }

    private Counter reads(String result) {
        return Counter.builder("cvmfs_notify_replica_reads")
                .description("Manifests of watched replicas that were read, for whatever purpose")
                .tag("result", result)
                .register(meters);
    }

    private static double places(Map<String, Server> servers) {
        return servers.values().stream()
                .mapToInt(server -> server.places.size())
                .sum();
    }

    void add(Place place) {
        server(place).places.add(place);
    }

    private Server server(Place place) {
        return servers.computeIfAbsent(place.replica(), this::registered);
    }

    private Server registered(String replica) {
        Server server = new Server(replica, meters);
        gauge(
                "cvmfs_notify_replica_lagging",
                "Repositories that lack an announced revision there",
                server,
                it -> it.count(status -> status.laggingSince() != null));
        gauge(
                "cvmfs_notify_replica_unreadable",
                "Repositories that could not be read there the last time",
                server,
                it -> it.count(status -> status.error() != null));
        gauge(
                "cvmfs_notify_replica_lag_seconds",
                "Time since the oldest announcement that is lacking there",
                server,
                it -> it.longestLagSeconds(clock.instant()));
        return server;
    }

    private void gauge(String name, String description, Server server, ToDoubleFunction<Server> value) {
        Gauge.builder(name, server, value)
                .description(description)
                .tag("replica", server.replica)
                .register(meters);
    }

    /** A name keeps its metrics, at 0. */
    void remove(Place place) {
        server(place).places.remove(place);
    }

    void measured(Place place, List<Propagation> propagations) {
        Server server = server(place);
        propagations.forEach(it -> {
            server.propagation.record(it.time());
            server.times.add(it);
        });
    }

    void read(boolean isRead) {
        (isRead ? read : failed).increment();
    }

    void unwatched() {
        unwatched.increment();
    }

    List<ServerStatus> servers() {
        return servers.values().stream()
                .filter(server -> !server.places.isEmpty())
                .map(Server::status)
                .sorted(Comparator.comparing(ServerStatus::replica))
                .toList();
    }
}
