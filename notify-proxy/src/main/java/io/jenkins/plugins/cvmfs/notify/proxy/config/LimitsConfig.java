package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * The bounds of what one proxy takes on. Over a limit the newest is refused with a clear answer.
 *
 * @param maxConnections open connections in all
 * @param maxSubscriptionsPerConnection repositories one connection may subscribe to
 * @param repositories how many repositories are known, and what is kept of them
 * @param maxMessageBytes longest publish body
 * @param maxPendingPublishes publishes waiting for the log's confirm at a time
 * @param maxHeaderBytes request line and headers, each
 * @param backlogBytes unsent bytes of one subscriber above which older messages give way to newer ones
 * @param fairShare what one client may take
 * @param requestTimeout time to send a whole request
 * @param handshakeTimeout time for a TLS handshake
 * @param idleTimeout time without traffic in either direction after which a WebSocket is closed
 * @param pingInterval how often the server pings a silent WebSocket, or comments a silent query-style event stream; shorter than
 *     {@code idleTimeout}
 * @param stalledTimeout time a subscriber may leave data unread before it is cut off
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
        ConfigKeys.MAX_CONNECTIONS.require(maxConnections);
        ConfigKeys.MAX_SUBSCRIPTIONS.require(maxSubscriptionsPerConnection);
        ConfigKeys.MAX_MESSAGE_BYTES.require((long) maxMessageBytes);
        ConfigKeys.MAX_PENDING_PUBLISHES.require(maxPendingPublishes);
        ConfigKeys.MAX_HEADER_BYTES.require((long) maxHeaderBytes);
        ConfigKeys.BACKLOG_BYTES.require((long) backlogBytes);
        ConfigKeys.REQUEST_TIMEOUT.require(requestTimeout);
        ConfigKeys.HANDSHAKE_TIMEOUT.require(handshakeTimeout);
        ConfigKeys.IDLE_TIMEOUT.require(idleTimeout);
        ConfigKeys.PING_INTERVAL.require(pingInterval);
        ConfigKeys.STALLED_TIMEOUT.require(stalledTimeout);
        ConfigKeys.DRAIN_TIMEOUT.require(drainTimeout);
        if (pingInterval.compareTo(idleTimeout) >= 0) {
            throw new InvalidInputException("limits.ping_interval: %s is not shorter than limits.idle_timeout, %s"
                    .formatted(DurationText.of(pingInterval), DurationText.of(idleTimeout)));
        }
    }

    /** Fit for a few ten thousand subscribers on a small machine. */
    public static LimitsConfig defaults() {
        return from(new Layers());
    }

    static LimitsConfig from(Layers layers) {
        return new LimitsConfig(
                layers.get(ConfigKeys.MAX_CONNECTIONS),
                layers.get(ConfigKeys.MAX_SUBSCRIPTIONS),
                RepositoryLimits.from(layers),
                Math.toIntExact(layers.get(ConfigKeys.MAX_MESSAGE_BYTES)),
                layers.get(ConfigKeys.MAX_PENDING_PUBLISHES),
                Math.toIntExact(layers.get(ConfigKeys.MAX_HEADER_BYTES)),
                Math.toIntExact(layers.get(ConfigKeys.BACKLOG_BYTES)),
                FairShareConfig.from(layers),
                layers.get(ConfigKeys.REQUEST_TIMEOUT),
                layers.get(ConfigKeys.HANDSHAKE_TIMEOUT),
                layers.get(ConfigKeys.IDLE_TIMEOUT),
                layers.get(ConfigKeys.PING_INTERVAL),
                layers.get(ConfigKeys.STALLED_TIMEOUT),
                layers.get(ConfigKeys.DRAIN_TIMEOUT));
    }
}
