package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.Optional;

/** A token that does not change. */
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
