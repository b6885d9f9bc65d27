package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Translates exceptions of the network and HTTP statuses into this library's exceptions, whose messages name the URL. */
final class HttpErrors {

    /** The longest explanation of a server in a message, in characters: notify-proxy's name the missing right and how to get it. */
    static final int LONGEST_DETAIL = 300;

    private static final String DETAIL_HEADER = "X-Cvmfs-Notify-Detail";

    private HttpErrors() {}

    /**
     * Returns the failure as a {@link NotifyException}, without the wrappers that futures put around it.
     *
     * @param target the URL or path, for the message
     */
    static NotifyException of(String target, Throwable thrown) {
        Throwable cause = NotifyException.unwrapped(thrown);
        if (cause instanceof NotifyException known) {
            return known;
        }
        if (cause instanceof CancellationException) {
            return new TransientFailureException(target + ": cancelled", cause);
        }
        if (cause instanceof SSLHandshakeException || cause.getCause() instanceof SSLHandshakeException) {
            return new PermanentFailureException(target + ": the TLS handshake failed: " + text(cause), cause);
        }
        return new TransientFailureException(target + ": " + sentence(cause), cause);
    }

    private static String sentence(Throwable cause) {
        if (isUnknownHost(cause) || (cause.getCause() != null && isUnknownHost(cause.getCause()))) {
            return "the host name cannot be resolved";
        }
        if (cause instanceof ConnectException) {
            return "cannot connect: " + message(cause).orElse("connection refused or host unreachable");
        }
        if (cause instanceof HttpTimeoutException) {
            return "timed out waiting for a connection or an answer";
        }
        if (cause instanceof EOFException || cause.getCause() instanceof EOFException) {
            return "the server closed the connection without an answer";
        }
        return (cause instanceof SSLException ? "the TLS connection failed: " : "the connection failed: ")
                + text(cause);
    }

    static boolean isUnknownHost(Throwable cause) {
        return cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException;
    }

    private static String text(Throwable cause) {
        return Excerpt.of(FileProblem.reason(cause.getMessage(), cause));
    }

    /** Empty for the JDK's HTTP client, for one: it does not say why it could not connect. */
    private static Optional<String> message(Throwable cause) {
        return Optional.ofNullable(cause.getMessage())
                .filter(message -> !message.isBlank())
                .map(Excerpt::of);
    }

    /** Returns true if the server could not be reached, so that another protocol would fail in the same way. */
    static boolean isUnreachable(Throwable thrown) {
        return NotifyException.causes(thrown)
                .anyMatch(cause -> cause instanceof ConnectException
                        || cause instanceof SocketTimeoutException
                        || cause instanceof HttpConnectTimeoutException
                        || cause instanceof SSLHandshakeException
                        || isUnknownHost(cause));
    }

    /** Returns the explanation that notify-proxy puts into a header, safe to show. */
    static Optional<String> detail(HttpHeaders headers) {
        return headers.firstValue(DETAIL_HEADER).map(text -> Excerpt.of(text, LONGEST_DETAIL));
    }

    /** Returns the exception for a status that nowhere means success, with the explanation of {@link #detail}, if any. */
    static NotifyException ofStatus(int status, HttpHeaders headers, URI url, Instant now) {
        return ofStatus(status, headers, url, now, detail(headers).orElse(""));
    }

    /**
     * Returns the exception for a status that nowhere means success.
     *
     * @param now the time of day, for a {@code Retry-After} that is a date
     * @param reason the server's explanation, safe to show; may be empty
     */
    static NotifyException ofStatus(int status, HttpHeaders headers, URI address, Instant now, String reason) {
        String url = WebAddress.shown(address);
        String because = reason.isEmpty() ? "" : ": " + reason;
        Obstacle.Status cause = new Obstacle.Status(status);
        Duration retryAfter =
                ServerBusyException.retryAfter(headers.firstValue("Retry-After").orElse(null), now);
        return switch (status) {
            case 401 -> new RefusedException(url + ": the server asks for valid credentials (401)" + because, cause);
            case 403 -> new RefusedException(url + ": the server does not allow this (403)" + because, cause);
            case 407 -> new RefusedException(url + ": the HTTP proxy asks for credentials (407)", cause);
            case 301, 302, 303, 307, 308 ->
                new PermanentFailureException(
                        "%s: the server redirects to host '%s' (%d); redirects are not followed, give the final URL"
                                .formatted(url, redirectHost(headers, address), status),
                        cause);
            case 404 ->
                new PermanentFailureException(url + ": the server answered 404" + because + hint(address), cause);
            case 508 -> new PermanentFailureException(url + ": the relays form a loop (508)" + because, cause);
            case 429 -> new ServerBusyException(url + ": too many requests (429)" + because, retryAfter, cause);
            default ->
                status >= 500 && status <= 599
                        ? new ServerBusyException(
                                "%s: the server is unavailable (%d)%s".formatted(url, status, because),
                                retryAfter,
                                cause)
                        : new PermanentFailureException(
                                "%s: the server answered %d%s".formatted(url, status, because), cause);
        };
    }

    /** Only for the URL of a service; files of repositories have other URLs. */
    private static String hint(URI address) {
        return address.getPath().endsWith("/subscribe") ? NotificationServer.mistakeIn(address) : "";
    }

    private static String redirectHost(HttpHeaders headers, URI url) {
        try {
            String host = url.resolve(headers.firstValue("Location").orElse("")).getHost();
            return host == null ? "?" : Excerpt.of(host);
        } catch (IllegalArgumentException notAUrl) {
            return "?";
        }
    }
}
