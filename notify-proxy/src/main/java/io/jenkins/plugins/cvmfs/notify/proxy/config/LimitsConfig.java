package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * The limits of one proxy. docs/security.md lists what happens when one is exceeded.
 *
 * @param maxConnections open connections in all
 * @param maxSubscriptionsPerConnection repositories one connection may subscribe to
 * @param repositories the limits on repositories
 * @param maxMessageBytes longest publish body
 * @param maxPendingPublishes publishes waiting for the log's confirm at a time
 * @param maxHeaderBytes request line and headers, each
 * @param backlogBytes unsent bytes of one subscriber above which its backlog is conflated
 * @param fairShare the limits that keep one client from using up what there is for all
 * @param requestTimeout time to send a whole request
 * @param handshakeTimeout time for a TLS handshake
 * @param idleTimeout time without traffic in either direction after which a WebSocket is closed
 * @param pingInterval how often the server pings a silent WebSocket, or comments a silent query-style event stream; shorter than
 *     {@code idleTimeout}
 * @param stalledTimeout time that a subscriber may leave data unread before it is disconnected
 * @param drainTimeout time that shutting down may take
 */
public record LimitsConfig(
        int maxConnections,
        int maxSubscriptionsPerConnection,
        RepositoryLimits repositories,
        int maxMessageBytes,
        int maxPendingPublishes,
        int maxHeaderBytes,
        int backlogBytes,
        FairShareConfig fairShare,
        Duration requestTimeout,
        Duration handshakeTimeout,
        Duration idleTimeout,
        Duration pingInterval,
        Duration stalledTimeout,
        Duration drainTimeout) {

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public LimitsConfig {
        ConfigKey.MAX_CONNECTIONS.require(maxConnections);
        ConfigKey.MAX_SUBSCRIPTIONS.require(maxSubscriptionsPerConnection);
        ConfigKey.MAX_MESSAGE_BYTES.require((long) maxMessageBytes);
        ConfigKey.MAX_PENDING_PUBLISHES.require(maxPendingPublishes);
        ConfigKey.MAX_HEADER_BYTES.require((long) maxHeaderBytes);
        ConfigKey.BACKLOG_BYTES.require((long) backlogBytes);
        ConfigKey.REQUEST_TIMEOUT.require(requestTimeout);
        ConfigKey.HANDSHAKE_TIMEOUT.require(handshakeTimeout);
        ConfigKey.IDLE_TIMEOUT.require(idleTimeout);
        ConfigKey.PING_INTERVAL.require(pingInterval);
        ConfigKey.STALLED_TIMEOUT.require(stalledTimeout);
        ConfigKey.DRAIN_TIMEOUT.require(drainTimeout);
        if (pingInterval.compareTo(idleTimeout) >= 0) {
            throw new InvalidInputException("limits.ping_interval: %s is not shorter than limits.idle_timeout, %s"
                    .formatted(DurationText.of(pingInterval), DurationText.of(idleTimeout)));
        }
    }

    static LimitsConfig from(ConfigValues values) {
        return new LimitsConfig(
                values.get(ConfigKey.MAX_CONNECTIONS),
                values.get(ConfigKey.MAX_SUBSCRIPTIONS),
                RepositoryLimits.from(values),
                Math.toIntExact(values.get(ConfigKey.MAX_MESSAGE_BYTES)),
                values.get(ConfigKey.MAX_PENDING_PUBLISHES),
                Math.toIntExact(values.get(ConfigKey.MAX_HEADER_BYTES)),
                Math.toIntExact(values.get(ConfigKey.BACKLOG_BYTES)),
                FairShareConfig.from(values),
                values.get(ConfigKey.REQUEST_TIMEOUT),
                values.get(ConfigKey.HANDSHAKE_TIMEOUT),
                values.get(ConfigKey.IDLE_TIMEOUT),
                values.get(ConfigKey.PING_INTERVAL),
                values.get(ConfigKey.STALLED_TIMEOUT),
                values.get(ConfigKey.DRAIN_TIMEOUT));
    }

    /**
     * Keeps one client from using up what there is for all.
     *
     * @param maxConnectionsPerAddress open connections of one address, or of one IPv6 network of 64 bits
     * @param publishesPerPublisher publishes per second from one address, in the long run; ten seconds' worth may come at once; 0
     *     for no limit
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
            ConfigKey.MAX_CONNECTIONS_PER_ADDRESS.require(maxConnectionsPerAddress);
            ConfigKey.PUBLISHES_PER_PUBLISHER.require(publishesPerPublisher);
            ConfigKey.PUBLISHES_PER_REPOSITORY.require(publishesPerRepository);
            ConfigKey.MAX_BACKLOG_BYTES.require(maxBacklogBytes);
            ConfigKey.MAX_PENDING_BYTES.require(maxPendingBytes);
        }

        static FairShareConfig from(ConfigValues values) {
            return new FairShareConfig(
                    values.get(ConfigKey.MAX_CONNECTIONS_PER_ADDRESS),
                    values.get(ConfigKey.PUBLISHES_PER_PUBLISHER),
                    values.get(ConfigKey.PUBLISHES_PER_REPOSITORY),
                    values.get(ConfigKey.MAX_BACKLOG_BYTES),
                    values.get(ConfigKey.MAX_PENDING_BYTES));
        }
    }
}
