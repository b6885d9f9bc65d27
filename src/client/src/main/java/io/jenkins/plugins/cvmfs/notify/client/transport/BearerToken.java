package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import java.util.Optional;

/** Makes the {@code Authorization} header, and takes care that no message shows what is in it. */
final class BearerToken {

    static final String HEADER = "Authorization";

    private BearerToken() {}

    /**
     * The header's value; empty if there is no token.
     *
     * @throws InvalidInputException if the token cannot stand in a header
     * @throws RefusedException if the source fails
     */
    static Optional<String> header(TokenSource source) {
        String token = tokenOf(source).orElse(null);
        if (token == null) {
            return Optional.empty();
        }
        if (!token.matches("[\\x21-\\x7e]+")) {
            throw new InvalidInputException("the token is empty or has characters that cannot stand in a header");
        }
        return Optional.of("Bearer " + token);
    }

    private static Optional<String> tokenOf(TokenSource source) {
        try {
            return source.token();
        } catch (NotifyException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RefusedException("the token cannot be had", e);
        }
    }
}
