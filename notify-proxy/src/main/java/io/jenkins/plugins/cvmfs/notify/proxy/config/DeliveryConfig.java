package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When announcements are delivered.
 *
 * @param replayDelay how long after it connects a CVMFS client gets a last value that its address received before; zero for at once
 * @param repeatAfter how long after an announcement CVMFS clients get it once more; zero for never
 * @param hold what must be readable where, before subscribers are told
 */
public record DeliveryConfig(Duration replayDelay, Duration repeatAfter, List<HoldConfig> hold) {

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public DeliveryConfig {
        hold = List.copyOf(hold);
        ConfigKey.REPLAY_DELAY.require(replayDelay);
        ConfigKey.REPEAT_AFTER.require(repeatAfter);
    }

    /** Returns what applies without a configuration. */
    public static DeliveryConfig defaults() {
        return from(ConfigValues.defaults());
    }

    static DeliveryConfig from(ConfigValues values) {
        return new DeliveryConfig(
                values.get(ConfigKey.REPLAY_DELAY), values.get(ConfigKey.REPEAT_AFTER), values.get(ConfigKey.HOLD));
    }

    /**
     * Returns how the announcements of a repository are held: by the entry with its exact name, else by the first pattern that matches;
     * empty if they are not.
     */
    public Optional<HoldConfig> holdOf(RepositoryName repository) {
        return RepositoryPattern.best(hold, HoldConfig::name, repository);
    }
}
