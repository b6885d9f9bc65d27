package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Locale;
import java.util.Map;

/**
 * One key of the configuration.
 *
 * @param path its name, below a section with a dot, such as {@code amqp.port}
 * @param type how its values are read, checked and shown
 * @param fallback the value if none is given
 */
record ConfigKey<T>(String path, ValueType<T> type, T fallback) {

    private static final String PREFIX = "CVMFS_NOTIFY_";

    /** The original service's names that do not follow from the key. */
    private static final Map<String, String> ORIGINAL_VARIABLES =
            Map.of("amqp.user", PREFIX + "AMQP_USERNAME", "amqp.pass", PREFIX + "AMQP_PASSWORD");

    /** The environment variable that sets it: {@code CVMFS_NOTIFY_AMQP_PORT} for {@code amqp.port}. */
    String variable() {
        return ORIGINAL_VARIABLES.getOrDefault(
                path, PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT));
    }

    boolean isSecret() {
        return type instanceof SecretText;
    }

    /** @throws InvalidInputException if the value is out of range; the message names the key, the value and the limit */
    void require(T value) {
        try {
            type.check(value);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(path + ": " + e.getMessage(), e);
        }
    }
}
