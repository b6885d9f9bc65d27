package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What HTTP statuses mean that are no success anywhere. */
final class UnexpectedAnswer {

    private static final String DETAIL_HEADER = "X-Cvmfs-Notify-Detail";
    /** Of a server's own words, in characters: our proxy's name the missing right and how to get it. */
    static final int LONGEST_DETAIL = 300;

    private UnexpectedAnswer() {}

    /** With the server's own words, if our proxy explains itself in a header. */
    static NotifyException of(int status, HttpHeaders headers, URI url, Instant now) {
        return of(status, headers, url, now, detail(headers).orElse(""));
    }

    /** In plain words what our proxy does not like. */
    static Optional<String> detail(HttpHeaders headers) {
        return headers.firstValue(DETAIL_HEADER).map(text -> Excerpt.of(text, LONGEST_DETAIL));
    }

    /**
     * Tells what to do next.
     *
     * @param now the time of day, for a {@code Retry-After} that is a date
     * @param reason the server's own words, safe to show; may be empty
     */
    static NotifyException of(int status, HttpHeaders headers, URI address, Instant now, String reason) {
        String url = WebAddress.shown(address);
        String because = reason.isEmpty() ? "" : ": " + reason;
        return switch (status) {
            case 401 -> new RefusedException(url + ": the server asks for valid credentials (401)" + because);
            case 403 -> new RefusedException(url + ": the server does not allow this (403)" + because);
            case 407 -> new RefusedException(url + ": the HTTP proxy asks for credentials (407)");
            case 301, 302, 303, 307, 308 -> redirect(status, headers, address);
            case 429 -> new ServerBusyException(url + ": too many requests (429)" + because, retryAfter(headers, now));
            case 404 -> other(status, url, because + mistakeIn(address), Duration.ZERO);
            default -> other(status, url, because, retryAfter(headers, now));
        };
    }

    /** Of the address of a service; the files of repositories are elsewhere. */
    private static String mistakeIn(URI address) {
        return address.getPath().endsWith("/subscribe") ? NotificationServer.mistakeIn(address) : "";
    }

    private static NotifyException other(int status, String url, String because, Duration retryAfter) {
        return status >= 500 && status <= 599
                ? new ServerBusyException(
                        "%s: the server cannot now (%d)%s".formatted(url, status, because), retryAfter)
                : new PermanentFailureException("%s: the server answered %d%s".formatted(url, status, because));
    }

    private static PermanentFailureException redirect(int status, HttpHeaders headers, URI url) {
        return new PermanentFailureException(
                "%s: the server redirects to host '%s' (%d); redirects are not followed, give the final URL"
                        .formatted(WebAddress.shown(url), targetHost(headers, url), status));
    }

    private static String targetHost(HttpHeaders headers, URI url) {
        try {
            String host = url.resolve(headers.firstValue("Location").orElse("")).getHost();
            return host == null ? "?" : Excerpt.of(host);
        } catch (IllegalArgumentException notAUrl) {
            return "?";
        }
    }

    /** The pause asked for, as seconds or as a date; zero if there is none that can be read. */
    private static Duration retryAfter(HttpHeaders headers, Instant now) {
        String text = headers.firstValue("Retry-After").orElse("").strip();
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
}
