package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * What keeps one client from using up what is there for all.
 *
 * @param maxConnectionsPerAddress open connections of one address, or of one IPv6 network of 64 bits
 * @param publishesPerPublisher publishes per second from one address, in the long run; ten seconds' worth may come at once; 0 for
 *     no limit
 * @param publishesPerRepository the same of one repository
 * @param maxBacklogBytes unsent data of all subscribers that do not keep up
 * @param maxPendingBytes bodies of all requests that are coming or wait for their answer, beyond 4 KiB of each
 */
public record FairShareConfig(
        int maxConnectionsPerAddress,
        int publishesPerPublisher,
        int publishesPerRepository,
        long maxBacklogBytes,
        long maxPendingBytes) {

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public FairShareConfig {
        ConfigKeys.MAX_CONNECTIONS_PER_ADDRESS.require(maxConnectionsPerAddress);
        ConfigKeys.PUBLISHES_PER_PUBLISHER.require(publishesPerPublisher);
        ConfigKeys.PUBLISHES_PER_REPOSITORY.require(publishesPerRepository);
        ConfigKeys.MAX_BACKLOG_BYTES.require(maxBacklogBytes);
        ConfigKeys.MAX_PENDING_BYTES.require(maxPendingBytes);
    }

    /** Those of {@link LimitsConfig#defaults()}. */
    public static FairShareConfig defaults() {
        return from(new Layers());
    }

    static FairShareConfig from(Layers layers) {
        return new FairShareConfig(
                layers.get(ConfigKeys.MAX_CONNECTIONS_PER_ADDRESS),
                layers.get(ConfigKeys.PUBLISHES_PER_PUBLISHER),
                layers.get(ConfigKeys.PUBLISHES_PER_REPOSITORY),
                layers.get(ConfigKeys.MAX_BACKLOG_BYTES),
                layers.get(ConfigKeys.MAX_PENDING_BYTES));
    }
}
