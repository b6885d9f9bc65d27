package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import org.jspecify.annotations.Nullable;

/** Relays pass the announcement on to each other in a circle: the server answered 508. */
public final class RelayLoopException extends PermanentFailureException {

    private static final long serialVersionUID = 1L;

    RelayLoopException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
