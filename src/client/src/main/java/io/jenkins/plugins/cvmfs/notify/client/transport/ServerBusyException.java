package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The server is busy or unavailable: it answered 429 or 5xx. */
public final class ServerBusyException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** @param retryAfter the pause that the server asks for; zero if it asks for none */
    ServerBusyException(String message, Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
    }

    /** Returns the pause that a header {@code Retry-After} asks for, in seconds or as a date; zero if there is none that can be read. */
    public static Duration retryAfter(@Nullable String header, Instant now) {
        String text = header == null ? "" : header.strip();
        try {
            if (text.matches("\\d{1,9}")) {
                return Duration.ofSeconds(Long.parseLong(text));
            }
            Instant until = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
            return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
        } catch (DateTimeException unreadable) {
            return Duration.ZERO;
        }
    }

    /** Returns the pause that the server asks for; zero if it asks for none. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
