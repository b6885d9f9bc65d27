package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * When announcements are delivered.
 *
 * @param replayDelay how long after it connects a CVMFS client gets a last value that its address received before; zero for at once
 * @param repeatAfter how long after an announcement CVMFS clients get it once more; zero for never
 */
public record DeliveryConfig(Duration replayDelay, Duration repeatAfter) {

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public DeliveryConfig {
        ConfigKey.REPLAY_DELAY.require(replayDelay);
        ConfigKey.REPEAT_AFTER.require(repeatAfter);
    }

    /** Returns what applies without a configuration. */
    public static DeliveryConfig defaults() {
        return from(ConfigValues.defaults());
    }

    static DeliveryConfig from(ConfigValues values) {
        return new DeliveryConfig(values.get(ConfigKey.REPLAY_DELAY), values.get(ConfigKey.REPEAT_AFTER));
    }
}
