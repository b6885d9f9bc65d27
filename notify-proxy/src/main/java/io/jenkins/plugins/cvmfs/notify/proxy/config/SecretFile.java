package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** A file with a secret on its only line, such as orchestrators mount. */
public final class SecretFile {

    private static final long MAX_BYTES = 64 * 1024;

    private SecretFile() {}

    /**
     * The secret: the file's text without the line break at its end.
     *
     * @throws InvalidInputException if the file cannot be read, is empty, or is no secret but a larger file
     */
    public static Secret read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException("file %s is longer than %d bytes".formatted(file, MAX_BYTES));
            }
            String text = Files.readString(file, UTF_8).stripTrailing();
            if (text.isEmpty() || text.lines().count() > 1) {
                throw new InvalidInputException("file %s must hold exactly one line".formatted(file));
            }
            return new Secret(text);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException("there is no file " + file, e);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("file %s is not UTF-8 text".formatted(file), e);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "file %s cannot be read: %s".formatted(file, Excerpt.of(String.valueOf(e.getMessage()))), e);
        }
    }

    /** A sentence for an operator if every user of the machine may read the file; empty also where nobody can tell. */
    public static Optional<String> warning(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.OTHERS_READ)
                    ? Optional.of(
                            "file %s holds a secret and every user may read it; chmod o-r %s".formatted(file, file))
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
