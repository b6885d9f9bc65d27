package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.Optional;

/**
 * Where the bearer token for a notification server comes from. Asked at each attempt, so that a token can be renewed; on the
 * network's threads, so it must not block. Tokens are never logged and never stand in an exception.
 *
 * <p>Subscriptions with equal settings share a connection, so two sources should be equal exactly if they always give the same
 * token.
 */
@FunctionalInterface
public interface TokenSource {

    /** Publishes and subscribes anonymously. */
    TokenSource NONE = Optional::empty;

    /** The token, without {@code Bearer}; empty to send none. */
    Optional<String> token();

    /** Always the same token; equal to another source of the same. */
    static TokenSource of(String token) {
        return new FixedToken(token);
    }
}
