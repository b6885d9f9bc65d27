package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The location of one repository: the folder with {@code .cvmfspublished} and {@code data/}, behind a web server or in a file system.
 * Immutable; its text is safe to show, because it never holds credentials.
 */
public sealed interface RepositoryLocation {

    /**
     * A folder behind a web server, for example {@code http://stratum1.example.org/cvmfs/atlas.cern.ch}.
     *
     * @param root an {@code http} or {@code https} URL that ends in a slash
     */
    record Web(URI root) implements RepositoryLocation {

        /** @throws InvalidInputException if the URL is anything else, or carries credentials, a query or a fragment */
        public Web {
            WebAddress.check("the repository's location", root.toString(), root);
            if (!root.getRawPath().endsWith("/")) {
                throw invalid(root.toString(), "has no slash at its end");
            }
        }

        /** Returns the URL of a file of the repository. */
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
     * A folder in a mounted file system.
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
     * Parses an {@code http:}, {@code https:} or {@code file:} URL, or a path, which may be relative.
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
            default -> throw invalid(text, "is neither an http, https or file URL nor a path");
        };
    }

    private static RepositoryLocation fileUrl(String text) {
        URI uri = uri(text);
        String host = uri.getHost();
        if (uri.getPath() == null || (host != null && !"localhost".equalsIgnoreCase(host))) {
            throw invalid(text, "must be file:///PATH, without a host");
        }
        return new Folder(path(uri.getPath(), text));
    }

    private static Path path(String path, String text) {
        try {
            return Path.of(path);
        } catch (IllegalArgumentException e) {
            throw invalid(text, "is not a path of this system");
        }
    }

    private static URI uri(String text) {
        return WebAddress.parse("the repository's location", text, text);
    }

    private static InvalidInputException invalid(String text, String problem) {
        return WebAddress.invalid("the repository's location", text, problem);
    }
}
