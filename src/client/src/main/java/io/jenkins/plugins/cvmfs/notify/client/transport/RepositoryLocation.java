package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The location of one repository: the folder with {@code .cvmfspublished} and {@code data/}, behind a web server or in a file system; or
 * the repository as a CernVM-FS client has mounted it. Immutable; {@link #parse} reads its text, which is safe to show, because it never
 * holds credentials.
 */
public sealed interface RepositoryLocation {

    /** Returns the location as clients read it: of a web server that is read in a special way, its URL alone. */
    default RepositoryLocation plain() {
        return this;
    }

    /** Returns the host that is asked when it is read, with the port if one is given; empty for what is on this machine. */
    default String host() {
        return "";
    }

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

        @Override
        public String host() {
            return root.getRawAuthority();
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
     * A folder behind a web server, read at every address of a name by itself: it serves a revision when all of them do.
     *
     * @param through the cache to read through, as CernVM-FS clients behind it do; null to read every address of the web server's name
     *     itself, without an HTTP proxy
     */
    record EachAddress(Web web, @Nullable HttpCache through) implements RepositoryLocation {

        /** @throws InvalidInputException if a cache is to keep files of an {@code https} URL */
        public EachAddress {
            if (through != null && !"http".equalsIgnoreCase(web.root().getScheme())) {
                throw new InvalidInputException("%s: a cache keeps only files of http URLs".formatted(web));
            }
        }

        @Override
        public Web plain() {
            return web;
        }

        /** Returns the URL whose host has the addresses. */
        public URI reached() {
            return through == null ? web.root() : through.url();
        }

        @Override
        public String host() {
            return reached().getRawAuthority();
        }

        @Override
        public String toString() {
            return web + (through == null ? AT_ALL_ADDRESSES : THROUGH + through);
        }
    }

    /** A repository that a CernVM-FS client has mounted: its revision can be read, its files cannot. */
    sealed interface MountPoint extends RepositoryLocation {

        /** Returns the file or folder in it that must exist too, an absolute path; null for none. */
        @Nullable
        String requiredPath();
    }

    /**
     * A repository that the CernVM-FS client of this machine has mounted.
     *
     * @param root an absolute path, such as {@code /cvmfs/sw.example.org}
     * @param path a file or folder in it that must exist too; null for none
     */
    record Mount(Path root, @Nullable Path path) implements MountPoint {

        /**
         * Makes the paths absolute; a relative {@code path} is one of the repository.
         *
         * @throws InvalidInputException if the path is outside of the repository
         */
        public Mount {
            root = root.toAbsolutePath().normalize();
            if (path != null) {
                path = root.resolve(path).normalize();
                if (!path.startsWith(root)) {
                    throw new InvalidInputException(
                            "path %s is not in the mounted repository %s".formatted(path, root));
                }
            }
        }

        @Override
        public @Nullable String requiredPath() {
            return path == null ? null : path.toString();
        }

        @Override
        public String toString() {
            return MOUNT + root + (path == null ? "" : WITH + path);
        }
    }

    /**
     * A repository that the CernVM-FS client of another machine has mounted. Only a reader that reaches the machine reads it; {@link #parse}
     * knows nothing of it.
     *
     * @param machine its name
     * @param root an absolute path there, such as {@code /cvmfs/sw.example.org}
     * @param path a file or folder in it that must exist too; null for none
     */
    record Elsewhere(String machine, String root, @Nullable String path) implements MountPoint {

        /**
         * Parses what {@link #toString} returns.
         *
         * @return null if it is another kind of location
         */
        public static @Nullable Elsewhere read(String text) {
            Matcher parts = PATTERN.matcher(text);
            return parts.matches()
                    ? new Elsewhere(URLDecoder.decode(parts.group(1), UTF_8), parts.group(2), parts.group(3))
                    : null;
        }

        private static final Pattern PATTERN = Pattern.compile("mount@([^:]*):(/[^ ]*)(?: with (.*))?");

        @Override
        public @Nullable String requiredPath() {
            return path;
        }

        @Override
        public String toString() {
            return "mount@" + URLEncoder.encode(machine, UTF_8) + ":" + root + (path == null ? "" : WITH + path);
        }
    }

    /** Separates a URL from the cache to read it through. */
    String THROUGH = " through ";

    /** Follows a URL that is to be read at every address of its host. */
    String AT_ALL_ADDRESSES = " at all addresses";

    /** Precedes the path of a mounted repository. */
    String MOUNT = "mount:";

    /** Separates a mounted repository from a path that must exist in it. */
    String WITH = " with ";

    /**
     * Parses an {@code http:}, {@code https:} or {@code file:} URL, or a path, which may be relative; a URL followed by {@code through
     * http://HOST:PORT} or {@code at all addresses}; or {@code mount:/cvmfs/NAME}, perhaps followed by {@code with PATH}.
     *
     * @throws InvalidInputException if it is none of these, or carries credentials, a query or a fragment
     */
    static RepositoryLocation parse(String text) {
        if (text.isBlank()) {
            throw new InvalidInputException("the repository's location is empty; expected a URL or a path");
        }
        if (text.startsWith(MOUNT)) {
            String[] parts = text.substring(MOUNT.length()).split(WITH, 2);
            if (parts[0].isBlank()) {
                throw invalid(text, "names no path, such as mount:/cvmfs/sw.example.org");
            }
            return new Mount(path(parts[0], text), parts.length == 1 ? null : path(parts[1], text));
        }
        if (text.matches("(?i)https?:.*")) {
            int through = text.indexOf(THROUGH);
            if (through >= 0) {
                return new EachAddress(
                        web(text.substring(0, through)), HttpCache.parse(text.substring(through + THROUGH.length())));
            }
            return text.endsWith(AT_ALL_ADDRESSES)
                    ? new EachAddress(web(text.substring(0, text.length() - AT_ALL_ADDRESSES.length())), null)
                    : web(text);
        }
        int colon = text.indexOf(':');
        int slash = text.indexOf('/');
        if (colon < 0 || (slash >= 0 && slash < colon)) {
            return new Folder(path(text, text));
        }
        return switch (text.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "file" -> fileUrl(text);
            default -> throw invalid(text, "is neither an http, https or file URL nor a path");
        };
    }

    private static Web web(String text) {
        return new Web(uri(text.endsWith("/") ? text : text + "/"));
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
