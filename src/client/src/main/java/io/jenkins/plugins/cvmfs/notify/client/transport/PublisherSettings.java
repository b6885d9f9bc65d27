package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to publish.
 *
 * @param server where
 * @param token the credentials
 * @param timeLimit when to give up on a message, retries included; zero for one attempt only
 * @param retries hears of each attempt that is followed by another
 * @param gatewayKeyOrNull signs each message, instead of the token; null for none
 */
public record PublisherSettings(
        NotificationServer server,
        TokenSource token,
        Duration timeLimit,
        RetryListener retries,
        @Nullable GatewayKey gatewayKeyOrNull) {

    /** The time limit unless another is set. */
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(60);

    /** @throws InvalidInputException if the time limit is negative */
    public PublisherSettings {
        if (timeLimit.isNegative()) {
            throw new InvalidInputException(
                    "the publisher's time limit is %s, allowed are 0 and more".formatted(timeLimit));
        }
    }

    /** Nobody hears of retries. */
    public PublisherSettings(NotificationServer server, TokenSource token, Duration timeLimit) {
        this(server, token, timeLimit, RetryListener.NONE, null);
    }

    /** Anonymous, with the usual time limit. */
    public static PublisherSettings of(NotificationServer server) {
        return new PublisherSettings(server, TokenSource.NONE, DEFAULT_TIME_LIMIT);
    }

    /** The same with a token. */
    public PublisherSettings withToken(TokenSource source) {
        return new PublisherSettings(server, source, timeLimit, retries, gatewayKeyOrNull);
    }

    /** The same with another time limit. */
    public PublisherSettings withTimeLimit(Duration limit) {
        return new PublisherSettings(server, token, limit, retries, gatewayKeyOrNull);
    }

    /** The same with somebody who hears of retries. */
    public PublisherSettings withRetries(RetryListener listener) {
        return new PublisherSettings(server, token, timeLimit, listener, gatewayKeyOrNull);
    }

    /** The same with a key of the repository gateway, with which each message is signed. */
    public PublisherSettings withGatewayKey(GatewayKey key) {
        return new PublisherSettings(server, token, timeLimit, retries, key);
    }

    /** Signs each message. */
    public Optional<GatewayKey> gatewayKey() {
        return Optional.ofNullable(gatewayKeyOrNull);
    }
}
