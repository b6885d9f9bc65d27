package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The token in a file of this machine that allows its reader everything, so that local use needs no set-up. The package writes one
 * at installation, for root and the service's group; {@code serve} makes one for its user where there is none. The command line
 * reads the same file and sends the token to loopback addresses. Unlike an address, it cannot be lent by a forwarder.
 *
 * <p>Its id begins with {@code local}, so that a server that does not know it can tell that it belongs to another server.
 */
public final class LocalToken {

    /** Where the packages put it. */
    public static final Path INSTALLED = Path.of("/etc/cvmfs/notify/local.token");

    private static final String KEY_VARIABLE = ConfigKey.LOCAL_TOKEN_FILE.variable();
    private static final String NAME = "cvmfs-notify/local.token";
    private static final String ID_PREFIX = "local";
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNERS_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** With one of these, another user could give the server a token, or take this one. */
    private static final Set<PosixFilePermission> TOO_OPEN =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private LocalToken() {}

    /**
     * Returns the file that a server and the commands beside it use: the one that {@code CVMFS_NOTIFY_ACCESS_LOCAL_TOKEN_FILE} names,
     * else the installed one if this process may read it, else the user's below {@code ~/.config} or {@code XDG_RUNTIME_DIR}, whether
     * or not it exists. Empty if the environment names neither.
     */
    public static Optional<Path> place(Map<String, String> environment) {
        return place(environment, INSTALLED);
    }

    static Optional<Path> place(Map<String, String> environment, Path installed) {
        Optional<Path> named = path(environment, KEY_VARIABLE);
        if (named.isPresent()) {
            return named;
        }
        if (Files.isReadable(installed)) {
            return Optional.of(installed);
        }
        List<Path> places = Stream.of(
                        path(environment, "HOME").map(home -> home.resolve(".config")),
                        path(environment, "XDG_RUNTIME_DIR"))
                .flatMap(Optional::stream)
                .map(directory -> directory.resolve(NAME))
                .toList();
        return places.stream()
                .filter(Files::isReadable)
                .findFirst()
                .or(() -> places.stream().filter(LocalToken::canBeMade).findFirst());
    }

    private static Optional<Path> path(Map<String, String> environment, String variable) {
        String value = environment.getOrDefault(variable, "");
        return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value));
    }

    private static boolean canBeMade(Path file) {
        Path directory = file.getParent();
        while (directory != null && !Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            directory = directory.getParent();
        }
        return directory != null && Files.isWritable(directory);
    }

    /** Returns whether a text has the form of a local token, of this or another machine. */
    public static boolean isOne(String token) {
        return TokenHash.idIn(token).filter(id -> id.startsWith(ID_PREFIX)).isPresent();
    }

    /**
     * Makes the file, readable for its owner only, unless it exists. Processes that do so at the same time end up with the same token;
     * no link is followed in place of the file.
     *
     * @return whether it was made
     * @throws IOException if it cannot be written; the message says why
     */
    public static boolean makeIfAbsent(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(directory, OWNERS_DIRECTORY);
        Path draft = Files.createTempFile(directory, "local", ".draft", OWNER_ONLY);
        try {
            String token = TokenHash.mint(ID_PREFIX).token().value();
            Files.writeString(draft, token + "\n");
            return publish(draft, file);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Moves the complete file to its name, never in place of another: by a hard link, or a move where the file system has none. */
    private static boolean publish(Path draft, Path file) throws IOException {
        try {
            Files.createLink(file, draft);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException | FileSystemException e) {
            try {
                Files.move(draft, file);
                return true;
            } catch (FileAlreadyExistsException existsNow) {
                return false;
            }
        }
    }

    /**
     * Reads the token in the file.
     *
     * @return empty if there is no such file
     * @throws InvalidInputException if it must not be used: it is a link, belongs to another user, is open to others, cannot be read or
     *     holds no local token; the message says which and what to do
     */
    public static Optional<Secret> read(Path file) {
        try {
            requirePrivate(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "the local token %s cannot be read: %s".formatted(file, FileProblem.reason(e)), e);
        }
        Secret token = Secret.read(file);
        if (!isOne(token.value())) {
            throw new InvalidInputException(
                    "%s holds no local token; remove it and start the service, which makes one".formatted(file));
        }
        return Optional.of(token);
    }

    private static void requirePrivate(Path file) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (UnsupportedOperationException e) {
            throw new InvalidInputException(
                    "the local token %s is on a file system without permissions; not used".formatted(file), e);
        }
        if (!attributes.isRegularFile()) {
            throw new InvalidInputException("the local token %s is a link or no file; not followed".formatted(file));
        }
        if (attributes.permissions().stream().anyMatch(TOO_OPEN::contains)) {
            throw new InvalidInputException(
                    "other users may read or change the local token %1$s; not used. Remove it, or: chmod o=,g-w %1$s"
                            .formatted(file));
        }
        Object owner = Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Object self = self();
        if (!owner.equals(0) && self != null && !owner.equals(self)) {
            throw new InvalidInputException(
                    "the local token %s belongs to another user, %s; not used".formatted(file, attributes.owner()));
        }
    }

    /** Returns the number of the user that runs this process; null where that is not known. */
    private static @Nullable Object self() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /**
     * Returns the token as an entry of the configuration.
     *
     * @throws InvalidInputException as for {@link #read}
     */
    public static Optional<TokenConfig> entry(Path file) {
        return read(file).map(token -> new TokenConfig("local token", TokenHash.of(token), Grants.ALL));
    }
}
