package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.Optional;

/**
 * Supplies the bearer token for a notification server. Asked at each attempt, so that a token can be renewed: at the first on the thread
 * that publishes or subscribes, then on the network's threads. It must not block. An exception fails that attempt with a {@code
 * RefusedException}, or with the exception itself if it is a {@code NotifyException}. Tokens appear in no log line and no exception.
 *
 * <p>Subscriptions with equal settings share a connection. So make two sources equal only if they always supply the same token.
 */
@FunctionalInterface
public interface TokenSource {

    /** No token: anonymous. */
    TokenSource NONE = Optional::empty;

    /** Returns the token without {@code Bearer}; empty for anonymous. */
    Optional<String> token();

    /** Returns a source that always supplies this token; equal to another one of the same token. */
    static TokenSource of(String token) {
        record FixedToken(String value) implements TokenSource {

            @Override
            public Optional<String> token() {
                return Optional.of(value);
            }

            /** Settings are logged, tokens are not. */
            @Override
            public String toString() {
                return "a token";
            }
        }
        return new FixedToken(token);
    }
}
