package io.jenkins.plugins.cvmfs.notify.proxy.log;

import org.jspecify.annotations.Nullable;

/** The log could not confirm a message: it may or may not be in the log, and publishing it again is safe. */
public final class LogUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the publisher, without credentials or payload */
    public LogUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
