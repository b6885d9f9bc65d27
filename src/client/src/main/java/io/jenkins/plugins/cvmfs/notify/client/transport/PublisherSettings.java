package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link NotificationPublisher}. Immutable.
 *
 * @param server the server to announce to
 * @param token the bearer token, asked for at each attempt
 * @param timeLimit the longest time for one announcement, retries included; zero for a single attempt
 * @param retries notified of each failed attempt that another one follows, unless the announcement is cancelled meanwhile
 * @param gatewayKeyOrNull signs each message instead of the token; null for none
 */
public record PublisherSettings(
        NotificationServer server,
        TokenSource token,
        Duration timeLimit,
        RetryListener retries,
        @Nullable GatewayKey gatewayKeyOrNull) {

    /** The default time limit. */
    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(60);

    /** Is notified of retries, on a thread of the network; must neither block nor throw. */
    @FunctionalInterface
    public interface RetryListener {

        /** Ignores them. */
        RetryListener NONE = (attempt, reason, pause) -> {};

        /**
         * An attempt failed, and another one follows, unless the announcement is cancelled during the pause. Cancelling it is not
         * reported.
         *
         * @param attempt its number, from 1
         * @param reason a sentence for the user
         * @param pause the time until the next attempt
         */
        void failed(int attempt, String reason, Duration pause);
    }

    /** @throws InvalidInputException if the time limit is negative */
    public PublisherSettings {
        if (timeLimit.isNegative()) {
            throw new InvalidInputException(
                    "the publisher's time limit is %s, allowed are 0 and more".formatted(timeLimit));
        }
    }

    /** Without a retry listener and a gateway key. */
    public PublisherSettings(NotificationServer server, TokenSource token, Duration timeLimit) {
        this(server, token, timeLimit, RetryListener.NONE, null);
    }

    /** Anonymous, with the default time limit. */
    public static PublisherSettings of(NotificationServer server) {
        return new PublisherSettings(server, TokenSource.NONE, DEFAULT_TIME_LIMIT);
    }

    /** Returns a copy with this token. */
    public PublisherSettings withToken(TokenSource source) {
        return new PublisherSettings(server, source, timeLimit, retries, gatewayKeyOrNull);
    }

    /** Returns a copy with this time limit. */
    public PublisherSettings withTimeLimit(Duration limit) {
        return new PublisherSettings(server, token, limit, retries, gatewayKeyOrNull);
    }

    /** Returns a copy with this retry listener. */
    public PublisherSettings withRetries(RetryListener listener) {
        return new PublisherSettings(server, token, timeLimit, listener, gatewayKeyOrNull);
    }

    /** Returns a copy that signs each message with this key of a repository gateway. */
    public PublisherSettings withGatewayKey(GatewayKey key) {
        return new PublisherSettings(server, token, timeLimit, retries, key);
    }

    /** Returns the key that signs each message, if any. */
    public Optional<GatewayKey> gatewayKey() {
        return Optional.ofNullable(gatewayKeyOrNull);
    }
}
