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

/** What HTTP statuses mean that are no success anywhere. */
final class UnexpectedAnswer {

    private UnexpectedAnswer() {}

    /** @param now the time of day, for a {@code Retry-After} that is a date */
    static NotifyException of(int status, HttpHeaders headers, URI url, Instant now) {
        return switch (status) {
            case 401, 403 ->
                new RefusedException("%s: the server refuses (%d): %s"
                        .formatted(
                                url,
                                status,
                                status == 401 ? "it asks for valid credentials" : "these credentials may not do that"));
            case 407 -> new RefusedException(url + ": the HTTP proxy asks for credentials (407)");
            case 301, 302, 303, 307, 308 -> redirect(status, headers, url);
            case 429 -> new ServerBusyException(url + ": too many requests (429)", retryAfter(headers, now));
            default ->
                status >= 500 && status <= 599
                        ? new ServerBusyException(
                                "%s: the server has a problem (%d)".formatted(url, status), retryAfter(headers, now))
                        : new PermanentFailureException("%s: the server answered %d".formatted(url, status));
        };
    }

    private static PermanentFailureException redirect(int status, HttpHeaders headers, URI url) {
        return new PermanentFailureException(
                "%s: the server redirects to host '%s' (%d); redirects are not followed, give the final URL"
                        .formatted(url, targetHost(headers, url), status));
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
