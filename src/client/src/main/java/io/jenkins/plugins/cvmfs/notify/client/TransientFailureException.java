package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The server or file is unreachable, busy or failing for now: the same call may succeed later. */
public non-sealed class TransientFailureException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what failed, where, and the limit if one was exceeded */
    public TransientFailureException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what failed, where, and the limit if one was exceeded
     * @param cause the underlying exception, or null
     */
    public TransientFailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
