package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** It cannot be done here, and trying again will not help. */
public non-sealed class PermanentFailureException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what, where, and the limit that was passed */
    public PermanentFailureException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what, where, and the limit that was passed
     * @param cause what was caught, or null
     */
    public PermanentFailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
