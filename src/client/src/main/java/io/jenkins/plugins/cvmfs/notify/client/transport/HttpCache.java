package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;

/**
 * An HTTP cache that CernVM-FS clients read through, such as a site's Squid; one entry of {@code CVMFS_HTTP_PROXY}. Immutable.
 *
 * @param url {@code http://HOST:PORT}; a host name with several addresses stands for the cache at each of them
 */
public record HttpCache(URI url) {

    private static final String ROLE = "the HTTP cache's URL";

    /** @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the URL is anything else */
    public HttpCache {
        WebAddress.check(ROLE, url.toString(), url);
        if (!"http".equalsIgnoreCase(url.getScheme())) {
            throw WebAddress.invalid(ROLE, url.toString(), "is not an http URL");
        }
        if (url.getPort() < 0) {
            throw WebAddress.invalid(ROLE, url.toString(), "has no port; Squid's is usually 3128");
        }
        if (!url.getRawPath().isEmpty()) {
            throw WebAddress.invalid(ROLE, url.toString(), "has a path; expected http://HOST:PORT");
        }
    }

    /**
     * Parses {@code http://HOST:PORT}, with or without a slash at its end.
     *
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the text is anything else, or carries credentials
     */
    public static HttpCache parse(String text) {
        return new HttpCache(
                WebAddress.parse(ROLE, text, text.endsWith("/") ? text.substring(0, text.length() - 1) : text));
    }

    @Override
    public String toString() {
        return url.toString();
    }
}
