package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The log could not confirm a message: it may or may not be in the log, and publishing it again is safe. */
public final class LogUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    /** @param message a sentence for the publisher, without credentials or payload */
    public LogUnavailableException(String message, @Nullable Throwable cause) {
        this(message, cause, null);
    }

    /**
     * @param message a sentence for the publisher, without credentials or payload
     * @param retryAfter the pause before the next attempt; null if it is not known
     */
    public LogUnavailableException(String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** Returns the pause before the next attempt; empty if it is not known. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
