package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Logs, metrics and the status page for operators.
 *
 * @param logFormat how a line of the log looks
 * @param pageAccess who may open the status page
 * @param badges whether everyone may see the badges of repositories, independent of {@code pageAccess}
 * @param peers other proxies and relays whose state the page shows
 * @param watch the replicas that are watched
 */
public record OperatorConfig(
        LogFormat logFormat, PageAccess pageAccess, boolean badges, List<NotificationServer> peers, WatchConfig watch) {

    /** Copies the list. */
    public OperatorConfig {
        peers = List.copyOf(peers);
    }

    /** How a line of the log looks. */
    public enum LogFormat {
        /** For people. */
        TEXT,
        /** One JSON object, for log stores. */
        JSON
    }

    /** The clients that may open the status page. */
    public enum PageAccess {
        /** Everyone who reaches the port. */
        EVERYONE,
        /** Clients with a token, or other credentials, that the proxy knows. */
        TOKEN,
        /** No client: there is no page. */
        NOBODY
    }

    /**
     * The replicas whose revisions are looked at.
     *
     * @param hold whether those of {@link HoldConfig} are among them
     * @param interval between two reads of a replica that need not have anything new
     * @param maxReplicas how many are watched, each counted once for every repository
     * @param replicas those of certain repositories
     */
    public record WatchConfig(boolean hold, Duration interval, int maxReplicas, List<WatchedReplicas> replicas) {

        /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
        public WatchConfig {
            replicas = List.copyOf(replicas);
            ConfigKey.WATCH_INTERVAL.require(interval);
            ConfigKey.WATCH_MAX_REPLICAS.require(maxReplicas);
        }

        static WatchConfig from(ConfigValues values) {
            return new WatchConfig(
                    values.get(ConfigKey.WATCH_HOLD),
                    values.get(ConfigKey.WATCH_INTERVAL),
                    values.get(ConfigKey.WATCH_MAX_REPLICAS),
                    values.get(ConfigKey.WATCH_REPLICAS));
        }

        /**
         * Returns the replicas of a repository as they are configured, each once: those of the entry with its exact name, else of the first
         * pattern that matches, then those of its hold.
         */
        public List<String> replicasOf(RepositoryName repository, DeliveryConfig delivery) {
            Stream<String> own = RepositoryPattern.best(replicas, WatchedReplicas::name, repository).stream()
                    .flatMap(entry -> entry.replicas().stream());
            Stream<String> held = hold
                    ? delivery.holdOf(repository).stream()
                            .flatMap(entry -> entry.replicas().stream())
                            .filter(replica -> !isMount(replica))
                    : Stream.empty();
            return Stream.concat(own, held).distinct().toList();
        }

        /**
         * Returns the replicas by which a revision counts as readable: those of the repository's hold, if it has one, otherwise those of {@code
         * replicas}. Empty if it has no replica that is watched.
         *
         * @param require how many; empty for as many as the hold asks for, without one all
         */
        public Optional<Quorum> quorumOf(
                RepositoryName repository, DeliveryConfig delivery, Optional<Requirement> require) {
            Optional<HoldConfig> held = delivery.holdOf(repository);
            List<RepositoryLocation> decisive = replicasOf(repository, delivery).stream()
                    .filter(replica -> held.map(entry -> entry.replicas().contains(replica))
                            .orElse(true))
                    .map(replica -> RepositoryConfig.location(replica, repository.value()))
                    .toList();
            if (decisive.isEmpty() || maxReplicas == 0) {
                return Optional.empty();
            }
            Requirement needed = require.or(() -> held.map(HoldConfig::require)).orElse(Requirement.ALL);
            return Optional.of(new Quorum(decisive, HoldConfig.needed(needed, decisive.size())));
        }
    }

    /**
     * The replicas that count, and how many of them must serve a revision.
     *
     * @param needed at least 1, at most all
     */
    public record Quorum(List<RepositoryLocation> replicas, int needed) {

        /** Copies the list. */
        public Quorum {
            replicas = List.copyOf(replicas);
        }
    }

    /**
     * Replicas of some repositories.
     *
     * @param name which repositories
     * @param replicas URLs or folders, with {@value RepositoryConfig#PLACEHOLDER} for the repository's name
     */
    public record WatchedReplicas(RepositoryPattern name, List<String> replicas) {

        /** @throws InvalidInputException if the keys contradict each other; the message names them */
        public WatchedReplicas {
            replicas = List.copyOf(replicas);
            HoldConfig.checkReplicas(replicas, name);
            replicas.stream().filter(OperatorConfig::isMount).findFirst().ifPresent(mount -> {
                throw new InvalidInputException(
                        "replicas: '%s' is a mount, which is not watched; give a URL or a folder".formatted(mount));
            });
        }

        static WatchedReplicas from(ConfigValues entry) {
            return new WatchedReplicas(entry.get(ConfigKey.REPOSITORY), entry.get(ConfigKey.REPLICAS));
        }
    }

    private static boolean isMount(String replica) {
        return replica.startsWith(RepositoryLocation.MOUNT);
    }

    static OperatorConfig from(ConfigValues values) {
        return new OperatorConfig(
                values.get(ConfigKey.LOG_FORMAT),
                values.get(ConfigKey.PAGE_ACCESS),
                values.get(ConfigKey.PAGE_BADGES),
                values.get(ConfigKey.PAGE_PEERS),
                WatchConfig.from(values));
    }
}
