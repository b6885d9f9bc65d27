package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The call cannot succeed here, and trying again will not help. */
public non-sealed class PermanentFailureException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what failed, where, and the limit if one was exceeded */
    public PermanentFailureException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what failed, where, and the limit if one was exceeded
     * @param cause the underlying exception, or null
     */
    public PermanentFailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
