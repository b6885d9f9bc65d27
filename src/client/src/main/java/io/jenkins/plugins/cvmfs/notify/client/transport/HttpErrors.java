package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Puts what the network throws into this library's words. */
final class HttpErrors {

    private HttpErrors() {}

    /**
     * The same failure as a {@link NotifyException}, without the wrappers that futures put around it.
     *
     * @param target what could not be reached, for the message
     */
    static NotifyException of(String target, Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof NotifyException known) {
            return known;
        }
        if (cause instanceof CancellationException) {
            return new TransientFailureException(target + ": cancelled", cause);
        }
        if (isUntrusted(cause)) {
            return new PermanentFailureException(target + ": the TLS handshake failed: " + text(cause), cause);
        }
        return new TransientFailureException(target + ": " + sentence(cause), cause);
    }

    /** Whether the other side was not there at all, so that another way of talking to it would fail just so. */
    static boolean isUnreachable(Throwable thrown) {
        Throwable cause = thrown;
        while (cause != null) {
            if (cause instanceof ConnectException
                    || cause instanceof SocketTimeoutException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof SSLHandshakeException
                    || isUnknownHost(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static boolean isUntrusted(Throwable cause) {
        return cause instanceof SSLHandshakeException || cause.getCause() instanceof SSLHandshakeException;
    }

    private static boolean isUnknownHost(Throwable cause) {
        return cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException;
    }

    private static String sentence(Throwable cause) {
        if (isUnknownHost(cause) || (cause.getCause() != null && isUnknownHost(cause.getCause()))) {
            return "the host's name cannot be resolved";
        }
        if (cause instanceof ConnectException) {
            return "cannot connect: " + reason(cause).orElse("nobody listens there, or nothing gets there");
        }
        if (cause instanceof HttpTimeoutException) {
            return "no connection or answer in time";
        }
        return (cause instanceof SSLException ? "the TLS connection broke: " : "the connection broke: ") + text(cause);
    }

    private static String text(Throwable cause) {
        return reason(cause).orElseGet(() -> cause.getClass().getSimpleName());
    }

    /** The JDK's HTTP client, for one, does not say why it could not connect. */
    private static Optional<String> reason(Throwable cause) {
        return Optional.ofNullable(cause.getMessage())
                .filter(message -> !message.isBlank())
                .map(Excerpt::of);
    }
}
