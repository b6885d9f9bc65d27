package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What this package asks of a URL before it connects to it, or shows it. */
final class WebAddress {

    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** Everything up to the last {@code @} of the authority, also in text that is no valid URL. */
    private static final Pattern CREDENTIALS = Pattern.compile("//[^/?#]*@");

    private WebAddress() {}

    /** What is wrong with it as the address of a folder or service, as the end of a sentence; null if nothing is. */
    static @Nullable String problem(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))) {
            return "is not an http or https URL";
        }
        if (uri.getRawAuthority() != null && uri.getRawAuthority().contains("@")) {
            return "carries credentials; give them separately, URLs end up in logs";
        }
        if (uri.getHost() == null) {
            return "names no host";
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            return "has port %d, allowed are 1 to 65535".formatted(uri.getPort());
        }
        return uri.getRawQuery() == null && uri.getRawFragment() == null ? null : "has a query or a fragment";
    }

    /** The text with any user name, password and query replaced. */
    static String withoutCredentials(String url) {
        return CREDENTIALS.matcher(url).replaceAll("//…@").replaceFirst("\\?.*", "?…");
    }

    /** The URL as it may stand in a message. */
    static String shown(URI url) {
        return withoutCredentials(url.toString());
    }
}
