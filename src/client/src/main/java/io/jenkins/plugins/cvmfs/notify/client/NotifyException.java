package io.jenkins.plugins.cvmfs.notify.client;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
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
    private static final int LONGEST_REASON = 300;

    NotifyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns the message, which is for people; never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** Returns the failure without the wrappers that futures put around it. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Returns the failure, its cause, the cause of that, and so on. */
    public static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }

    /** Returns the first of a failure and its causes that is of this type. */
    public static <T extends Throwable> Optional<T> find(Class<T> type, Throwable failure) {
        return causes(failure).filter(type::isInstance).<T>map(type::cast).findFirst();
    }

    /** Returns the failure of a future in one line of bounded length: its message, of an unexpected exception also its class. */
    public static String reason(Throwable failure) {
        Throwable cause = unwrapped(failure);
        String text = cause instanceof NotifyException known ? known.getMessage() : cause.toString();
        return Excerpt.of(text.replaceAll("\\p{Cntrl}+", " "), LONGEST_REASON);
    }
}
