package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/** The other side understood and refused: fix the credentials or the rights. */
public non-sealed class RefusedException extends NotifyException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the user: what, where, and the limit that was passed */
    public RefusedException(String message) {
        this(message, null);
    }

    /**
     * @param message a sentence for the user: what, where, and the limit that was passed
     * @param cause what was caught, or null
     */
    public RefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
