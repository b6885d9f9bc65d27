package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The server is busy or unavailable: it answered 429 or 5xx. */
public final class ServerBusyException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** @param retryAfter the pause that the server asks for; zero if it asks for none */
    ServerBusyException(String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** Returns the pause that the server asks for; zero if it asks for none. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
