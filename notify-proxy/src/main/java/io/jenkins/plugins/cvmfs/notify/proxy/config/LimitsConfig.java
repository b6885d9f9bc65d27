package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.time.Duration;

/**
 * The bounds of what one proxy takes on. Over a limit the newest is refused with a clear answer.
 *
 * @param maxConnections open connections in all
 * @param maxSubscriptionsPerConnection repositories one connection may subscribe to
 * @param maxRepositories distinct repositories remembered or subscribed to
 * @param maxMessageBytes longest publish body
 * @param maxPendingPublishes publishes waiting for the log's confirm at a time
 * @param maxHeaderBytes request line and headers, each
 * @param backlogBytes unsent bytes of one subscriber above which older messages give way to newer ones
 * @param requestTimeout time to send a whole request
 * @param idleTimeout time without traffic in either direction after which a WebSocket is closed
 * @param pingInterval how often the server pings a silent WebSocket, or comments a silent query-style event stream
 * @param stalledTimeout time a subscriber may leave data unread before it is cut off
 * @param drainTimeout time that shutting down may take
 */
public record LimitsConfig(
        int maxConnections,
        int maxSubscriptionsPerConnection,
        int maxRepositories,
        int maxMessageBytes,
        int maxPendingPublishes,
        int maxHeaderBytes,
        int backlogBytes,
        Duration requestTimeout,
        Duration idleTimeout,
        Duration pingInterval,
        Duration stalledTimeout,
        Duration drainTimeout) {

    /** Fit for a few ten thousand subscribers on a small machine. */
    public static LimitsConfig defaults() {
        return new LimitsConfig(
                100_000,
                1_000,
                10_000,
                128 * 1024,
                10_000,
                8 * 1024,
                64 * 1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofSeconds(10));
    }
}
