package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Validates the URLs that users give, and makes URLs safe to show. */
final class WebAddress {

    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** Everything up to the last {@code @} of the authority, also in text that is not a valid URL or has no scheme. */
    private static final Pattern CREDENTIALS = Pattern.compile("(^|//)[^/?#]*@");

    private WebAddress() {}

    /**
     * Parses a URL of any scheme.
     *
     * @param role what the URL is for, for the message
     * @param given the text as the user wrote it, for the message
     * @throws InvalidInputException if the text is not a URL
     */
    static URI parse(String role, String given, String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw invalid(role, given, "is not a URL: " + e.getReason());
        }
    }

    /** @throws InvalidInputException if the URL cannot be that of a folder or a service, or carries credentials */
    static void check(String role, String given, URI url) {
        String scheme = url.getScheme();
        if (scheme == null || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))) {
            throw invalid(role, given, "is not an http or https URL");
        }
        if (url.getRawAuthority() != null && url.getRawAuthority().contains("@")) {
            throw invalid(role, given, "carries credentials; give them separately, URLs end up in logs");
        }
        if (url.getHost() == null) {
            throw invalid(role, given, "has no host");
        }
        if (url.getPort() == 0 || url.getPort() > 65_535) {
            throw invalid(role, given, "has port %d, allowed are 1 to 65535".formatted(url.getPort()));
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            throw invalid(role, given, "has a query or a fragment");
        }
    }

    /** Returns an exception that shows the text without credentials. */
    static InvalidInputException invalid(String role, String given, String problem) {
        return new InvalidInputException("%s '%s' %s".formatted(role, Excerpt.of(withoutCredentials(given)), problem));
    }

    /** Returns the URL without user name, password and query. */
    static String shown(URI url) {
        return withoutCredentials(url.toString());
    }

    private static String withoutCredentials(String url) {
        return CREDENTIALS.matcher(url).replaceAll("$1…@").replaceFirst("\\?.*", "?…");
    }
}
