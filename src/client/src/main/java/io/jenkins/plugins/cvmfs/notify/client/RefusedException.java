package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The server understood the request and refused it: fix the credentials or the rights. */
public non-sealed class RefusedException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what failed, where, and the limit if one was exceeded */
    public RefusedException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what failed, where, and the limit if one was exceeded
     * @param cause the underlying exception, or null
     */
    public RefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
