package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The input is wrong and the same input will be wrong again: fix it. */
public non-sealed class InvalidInputException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what, where, and the limit that was passed */
    public InvalidInputException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what, where, and the limit that was passed
     * @param cause what was caught, or null
     */
    public InvalidInputException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
