package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A notification server of any generation, as {@code CVMFS_NOTIFICATION_SERVER} or the user names it: its base URL, such as
 * {@code http://host:4930/api/v1}, or the full URL of one of its services. From a base URL both generations' paths are tried, from
 * a full URL only the path that stands there; either kind of full URL does for publishing and for subscribing. A URL without any
 * path is completed, and slashes at the end are dropped, because redirects are not followed.
 */
public final class NotificationServer {

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
     * Reads a base URL or the full URL of a publish or subscribe service; {@code ws} and {@code wss} stand for {@code http} and
     * {@code https}.
     *
     * @throws InvalidInputException if it is no such URL, or carries credentials, a query or a fragment
     */
    public static NotificationServer parse(String text) {
        URI uri = uri(text.replaceFirst("^(?i:ws)(?=s?:)", "http"), text);
        String problem = WebAddress.problem(uri);
        if (problem != null) {
            throw wrong(text, problem);
        }
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

    private static URI uri(String text, String shown) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(shown, "is not a URL: " + e.getReason());
        }
    }

    private static InvalidInputException wrong(String text, String problem) {
        return new InvalidInputException("the notification server's URL '%s' %s"
                .formatted(Excerpt.of(WebAddress.withoutCredentials(text)), problem));
    }

    /** What may be wrong with the address of a service that was not found, as the end of a sentence; empty if nothing shows. */
    static String mistakeIn(URI service) {
        return service.getPath().contains(USUAL_PATH + "/")
                ? ""
                : "; the address of a notification server usually ends in " + USUAL_PATH;
    }

    /** The base URL of the API, the same for every address of a server: what stands before the services. */
    public URI apiUrl() {
        return URI.create(folders.get(0).replaceFirst("(?<=[^/])" + GENERATION_2 + "$", ""));
    }

    /** Where to publish, in the order to try. */
    List<URI> publishUrls() {
        return folders.stream().map(folder -> URI.create(folder + "/publish")).toList();
    }

    /** Where a WebSocket may be opened, generation 1 first; {@code http} or {@code https}. */
    URI webSocketUrl() {
        return URI.create(folders.get(0) + "/subscribe");
    }

    /** Where an event stream may be opened, generation 2 if there is a choice. */
    URI eventStreamUrl() {
        return URI.create(folders.get(folders.size() - 1) + "/subscribe");
    }

    /** Equal if both mean the same address: then one connection does for both. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NotificationServer server && shown.equals(server.shown);
    }

    @Override
    public int hashCode() {
        return shown.hashCode();
    }

    /** The URL as it was given, without slashes at the end, and with a path; it holds no credentials. */
    @Override
    public String toString() {
        return shown;
    }
}
