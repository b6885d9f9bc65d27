package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * Limits on the repositories that a proxy knows, and on what it keeps of them.
 *
 * @param maxRepositories distinct repositories remembered or subscribed to
 * @param maxLastValueBytes the last announcements of all repositories, as they were published
 * @param maxAnonymousNames names that subscribers without credentials may wait for although no publisher has announced them
 * @param maxAnonymousNamesPerAddress the same from one address, or one IPv6 network of 64 bits
 */
public record RepositoryLimits(
        int maxRepositories, long maxLastValueBytes, int maxAnonymousNames, int maxAnonymousNamesPerAddress) {

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public RepositoryLimits {
        ConfigKey.MAX_REPOSITORIES.require(maxRepositories);
        ConfigKey.MAX_LAST_VALUE_BYTES.require(maxLastValueBytes);
        ConfigKey.MAX_ANONYMOUS_NAMES.require(maxAnonymousNames);
        ConfigKey.MAX_ANONYMOUS_NAMES_PER_ADDRESS.require(maxAnonymousNamesPerAddress);
    }

    static RepositoryLimits from(ConfigValues values) {
        return new RepositoryLimits(
                values.get(ConfigKey.MAX_REPOSITORIES),
                values.get(ConfigKey.MAX_LAST_VALUE_BYTES),
                values.get(ConfigKey.MAX_ANONYMOUS_NAMES),
                values.get(ConfigKey.MAX_ANONYMOUS_NAMES_PER_ADDRESS));
    }
}
