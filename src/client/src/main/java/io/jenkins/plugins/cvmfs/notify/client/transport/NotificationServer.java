package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a notification server of any generation, as in {@code CVMFS_NOTIFICATION_SERVER}: its base URL, such as {@code
 * http://host:4930/api/v1}, or the full URL of its publish or subscribe service. With a base URL the paths of both generations are tried,
 * with a full URL only its own path; either full URL serves for publishing and subscribing. A URL without a path gets {@code /api/v1},
 * and slashes at the end are dropped, because redirects are not followed.
 *
 * <p>Immutable; equal addresses can share a connection.
 */
public final class NotificationServer {

    private static final String ROLE = "the notification server's URL";
    private static final Pattern SERVICE = Pattern.compile("/(publish|subscribe)$");
    private static final String USUAL_PATH = "/api/v1";
    private static final String GENERATION_2 = "/notifications";

    private final String shown;
    private final List<String> folders;

    private NotificationServer(String shown, List<String> folders) {
        this.shown = shown;
        this.folders = folders;
    }

    /**
     * Parses a base URL or the full URL of a publish or subscribe service; {@code ws} and {@code wss} mean {@code http} and {@code https}.
     *
     * @throws InvalidInputException if it is no such URL, or carries credentials, a query or a fragment
     */
    public static NotificationServer parse(String text) {
        if (text.isBlank()) {
            throw new InvalidInputException(ROLE + " is missing; it is such as https://notify.example.org");
        }
        if (!text.contains("://")) {
            throw WebAddress.invalid(ROLE, text, "is not an http or https URL; it begins with http:// or https://");
        }
        URI uri = WebAddress.parse(ROLE, text, text.replaceFirst("^(?i:ws)(?=s?:)", "http"));
        WebAddress.check(ROLE, text, uri);
        String url = uri.toString().replaceFirst("/+$", "");
        String path = uri.getRawPath().replaceFirst("/+$", "");
        if (SERVICE.matcher(path).find()) {
            return new NotificationServer(url, List.of(SERVICE.matcher(url).replaceFirst("")));
        }
        if (path.endsWith(GENERATION_2)) {
            return new NotificationServer(url, List.of(url));
        }
        String base = path.isEmpty() ? url + USUAL_PATH : url;
        return new NotificationServer(base, List.of(base, base + GENERATION_2));
    }

    /** Returns a hint about the URL of a service that was not found, as the end of a sentence; empty if there is none. */
    static String mistakeIn(URI service) {
        return service.getPath().contains(USUAL_PATH + "/")
                ? ""
                : "; the address of a notification server usually ends in " + USUAL_PATH;
    }

    /** Returns the base URL of the API, the same for every address of a server. */
    public URI apiUrl() {
        return URI.create(folders.get(0).replaceFirst("(?<=[^/])" + GENERATION_2 + "$", ""));
    }

    /** Returns the publish URLs, in the order to try them. */
    List<URI> publishUrls() {
        return folders.stream().map(folder -> URI.create(folder + "/publish")).toList();
    }

    /** Returns the WebSocket's URL, of generation 1 if both are possible; {@code http} or {@code https}. */
    URI webSocketUrl() {
        return URI.create(folders.get(0) + "/subscribe");
    }

    /** Returns the event stream's URL, of generation 2 if both are possible. */
    URI eventStreamUrl() {
        return URI.create(folders.get(folders.size() - 1) + "/subscribe");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NotificationServer server && shown.equals(server.shown);
    }

    @Override
    public int hashCode() {
        return shown.hashCode();
    }

    /** Returns the URL as it was given, without slashes at the end and with a path; it holds no credentials. */
    @Override
    public String toString() {
        return shown;
    }
}
