package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where one repository can be read: the folder that holds {@code .cvmfspublished} and {@code data/}, behind a web server or in
 * a file system. Its text is safe to show: credentials never get in.
 */
public sealed interface RepositoryLocation {

    /**
     * Behind a web server, for example {@code http://stratum1.example.org/cvmfs/atlas.cern.ch}.
     *
     * @param root an {@code http} or {@code https} URL that ends in a slash
     */
    record Web(URI root) implements RepositoryLocation {

        /** @throws InvalidInputException if the URL is anything else, or carries credentials, a query or a fragment */
        public Web {
            String problem = WebAddress.problem(root);
            if (problem != null || !root.getRawPath().endsWith("/")) {
                throw wrong(root.toString(), problem == null ? "has no slash at its end" : problem);
            }
        }

        /** Where a file of the repository lies. */
        URI resolve(String path) {
            return root.resolve(path);
        }

        @Override
        public String toString() {
            String text = root.toString();
            return text.substring(0, text.length() - 1);
        }
    }

    /**
     * In a file system that this machine has mounted.
     *
     * @param root an absolute path
     */
    record Folder(Path root) implements RepositoryLocation {

        /** Makes the path absolute. */
        public Folder {
            root = root.toAbsolutePath().normalize();
        }

        @Override
        public String toString() {
            return root.toString();
        }
    }

    /**
     * Reads an {@code http:}, {@code https:} or {@code file:} URL or a path, which may be relative.
     *
     * @throws InvalidInputException if it is none of these, or carries credentials, a query or a fragment
     */
    static RepositoryLocation parse(String text) {
        if (text.isBlank()) {
            throw new InvalidInputException("the repository's location is empty; expected a URL or a path");
        }
        int colon = text.indexOf(':');
        int slash = text.indexOf('/');
        if (colon < 0 || (slash >= 0 && slash < colon)) {
            return new Folder(path(text, text));
        }
        return switch (text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "http", "https" -> new Web(uri(text.endsWith("/") ? text : text + "/"));
            case "file" -> fileUrl(text);
            default -> throw wrong(text, "is neither an http, https or file URL nor a path");
        };
    }

    private static RepositoryLocation fileUrl(String text) {
        URI uri = uri(text);
        String host = uri.getHost();
        if (uri.getPath() == null || (host != null && !"localhost".equalsIgnoreCase(host))) {
            throw wrong(text, "must be file:///PATH, without a host");
        }
        return new Folder(path(uri.getPath(), text));
    }

    private static Path path(String path, String text) {
        try {
            return Path.of(path);
        } catch (IllegalArgumentException e) {
            throw wrong(text, "is not a path of this system");
        }
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text, "is not a URL: " + e.getReason());
        }
    }

    private static InvalidInputException wrong(String text, String problem) {
        return new InvalidInputException("the repository's location '%s' %s"
                .formatted(Excerpt.of(WebAddress.withoutCredentials(text)), problem));
    }
}
