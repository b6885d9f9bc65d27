package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/** The obstacle in the way of a request, for hints that fit it. */
public enum Obstacle {
    /** The host name cannot be resolved. */
    UNKNOWN_HOST,
    /** Nothing listens at the address, or no way leads to it. */
    NOT_LISTENING,
    /** No connection or no answer in time. */
    SILENT,
    /** The connection ended before the answer, or what came is no HTTP. */
    CUT_OFF,
    /** TLS: the certificate is not trusted or for another name, or the port has no TLS. */
    TLS,
    /** The HTTP proxy in between asks for credentials (407), or refuses a tunnel. */
    HTTP_PROXY,
    /** The server asks for credentials, or for other ones (401). */
    CREDENTIALS,
    /** The credentials lack the right (403). */
    RIGHT,
    /** The server finds the message invalid (400, 422). */
    INVALID,
    /** The message is too large (413). */
    TOO_LARGE,
    /** There were too many requests (429). */
    TOO_MANY,
    /** The server is up, and cannot do it now (500, 503 and others). */
    UNAVAILABLE,
    /** A load balancer or the like in front of the server does not reach it (502, 504). */
    SERVER_BEHIND,
    /** Relays pass on to each other in a circle (508). */
    LOOP,
    /** Another answer, such as 404: most likely no notification service. */
    NO_SERVICE,
    /** No answer of a server is involved. */
    OTHER;

    /** The status of an answer, as the cause of the exception about it. */
    static final class Status extends Exception {

        private static final long serialVersionUID = 1L;

        private final int code;

        Status(int code) {
            super("HTTP status " + code, null, false, false);
            this.code = code;
        }
    }

    /** Returns what the failure, or the innermost cause of it that is known here, was about. */
    public static Obstacle of(Throwable failure) {
        Optional<Status> status = NotifyException.find(Status.class, failure);
        if (status.isPresent()) {
            return of(status.get().code);
        } else if (has(failure, HttpErrors::isUnknownHost)) {
            return UNKNOWN_HOST;
        } else if (has(failure, SSLException.class::isInstance)) {
            return TLS;
        } else if (has(failure, Obstacle::isTimeOut)) {
            return SILENT;
        } else if (has(failure, ConnectException.class::isInstance)) {
            return NOT_LISTENING;
        } else if (has(failure, cause -> String.valueOf(cause.getMessage()).startsWith("Tunnel failed"))) {
            return HTTP_PROXY;
        }
        return has(failure, IOException.class::isInstance) ? CUT_OFF : OTHER;
    }

    private static Obstacle of(int status) {
        return switch (status) {
            case 400, 422 -> INVALID;
            case 401 -> CREDENTIALS;
            case 403 -> RIGHT;
            case 407 -> HTTP_PROXY;
            case 413 -> TOO_LARGE;
            case 429 -> TOO_MANY;
            case 502, 504 -> SERVER_BEHIND;
            case 508 -> LOOP;
            default -> status >= 500 && status <= 599 ? UNAVAILABLE : NO_SERVICE;
        };
    }

    private static boolean isTimeOut(Throwable cause) {
        return cause instanceof HttpTimeoutException
                || cause instanceof SocketTimeoutException
                || cause instanceof TimeoutException;
    }

    private static boolean has(Throwable failure, Predicate<Throwable> kind) {
        return NotifyException.causes(failure).anyMatch(kind);
    }
}
