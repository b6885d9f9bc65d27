package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Where a revision must be readable before this proxy tells its subscribers.
 *
 * @param name which repositories
 * @param replicas URLs or folders that must serve it, with {@value RepositoryConfig#PLACEHOLDER} for the repository's name
 * @param caches HTTP caches between clients and replicas, which must serve it too
 * @param require how many of the replicas, and how many of the caches; of a list shorter than its number, all
 * @param longest after this time subscribers are told anyway
 */
public record HoldConfig(
        RepositoryPattern name, List<String> replicas, List<HttpCache> caches, Requirement require, Duration longest) {

    /** The most caches of one entry. */
    static final int MAX_CACHES = 32;

    /** @throws InvalidInputException if the keys contradict each other; the message names them */
    public HoldConfig {
        replicas = List.copyOf(replicas);
        caches = List.copyOf(caches);
        ConfigKey.HOLD_LONGEST.require(longest);
        checkReplicas(replicas, name);
        if (caches.size() > MAX_CACHES) {
            throw new InvalidInputException(
                    "caches: %d are named, at most %d are refreshed".formatted(caches.size(), MAX_CACHES));
        }
        if (caches.stream().distinct().count() < caches.size()) {
            throw new InvalidInputException("caches: one is named twice");
        }
        require.of(replicas.size());
        for (String replica : replicas) {
            if (!caches.isEmpty() && !replica.toLowerCase(Locale.ROOT).startsWith("http://")) {
                throw new InvalidInputException(
                        "caches: they keep files of http URLs only, and '%s' is none; give the URL that the clients read"
                                .formatted(replica));
            }
        }
    }

    /** @throws InvalidInputException if there are none or too many, one is named twice or no location, or many repositories have one */
    static void checkReplicas(List<String> replicas, RepositoryPattern name) {
        if (replicas.isEmpty() || replicas.size() > Condition.MAX_REPLICAS) {
            throw new InvalidInputException(
                    "replicas: %d are named, allowed are 1 to %d".formatted(replicas.size(), Condition.MAX_REPLICAS));
        }
        if (replicas.stream().distinct().count() < replicas.size()) {
            throw new InvalidInputException("replicas: one is named twice");
        }
        for (String replica : replicas) {
            var unused = RepositoryConfig.requireLocation("replicas", replica, name);
        }
    }

    static HoldConfig from(ConfigValues entry) {
        return new HoldConfig(
                entry.get(ConfigKey.REPOSITORY),
                entry.get(ConfigKey.REPLICAS),
                entry.get(ConfigKey.HOLD_CACHES),
                entry.get(ConfigKey.HOLD_REQUIRE),
                entry.get(ConfigKey.HOLD_LONGEST));
    }

    /** Returns the location of each replica of this repository. */
    public List<RepositoryLocation> locations(RepositoryName repository) {
        return replicas.stream()
                .map(replica -> RepositoryConfig.location(replica, repository.value()))
                .toList();
    }

    /** Returns how many caches must serve the revision; 0 if none is named. */
    public int neededCaches() {
        return needed(require, caches.size());
    }

    /** Returns how many of so many are needed; all, if a larger number is required. */
    static int needed(Requirement require, int of) {
        if (of == 0) {
            return 0;
        }
        return require.text().matches("[0-9]+") ? Math.min(Integer.parseInt(require.text()), of) : require.of(of);
    }
}
