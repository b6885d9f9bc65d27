package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The other side is unreachable, busy or broken for now: the same call may succeed later. */
public non-sealed class TransientFailureException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what, where, and the limit that was passed */
    public TransientFailureException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what, where, and the limit that was passed
     * @param cause what was caught, or null
     */
    public TransientFailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
