package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The input is invalid, and will be invalid again: fix it. */
public non-sealed class InvalidInputException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what failed, where, and the limit if one was exceeded */
    public InvalidInputException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what failed, where, and the limit if one was exceeded
     * @param cause the underlying exception, or null
     */
    public InvalidInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
