package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.Nullable;

/**
 * The root of this library's exceptions. A subclass says what the caller can do next: {@link InvalidInputException} fix the input, {@link
 * TransientFailureException} try again later, {@link RefusedException} fix the credentials or rights, {@link PermanentFailureException}
 * give up.
 *
 * <p>Messages never contain a token, a password or a payload.
 */
public abstract sealed class NotifyException extends RuntimeException
        permits InvalidInputException, TransientFailureException, RefusedException, PermanentFailureException {

    private static final long serialVersionUID = 1L;

    NotifyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
