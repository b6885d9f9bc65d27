package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A password or token that is never shown in a log, an exception or an effective configuration.
 *
 * @param value the secret itself
 */
public record Secret(String value) {

    private static final long MAX_FILE_BYTES = 64 * 1024;

    /**
     * Reads a file with a secret on its only line, such as orchestrators mount. The line break at its end does not count.
     *
     * @throws InvalidInputException if the file cannot be read, is empty, has several lines or is longer than 64 KiB
     */
    public static Secret read(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InvalidInputException("file %s is longer than %d bytes".formatted(file, MAX_FILE_BYTES));
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
            throw new InvalidInputException("file %s cannot be read: %s".formatted(file, FileProblem.reason(e)), e);
        }
    }

    /**
     * Writes the secret to a new file that only its owner can read.
     *
     * @throws InvalidInputException if the file exists or cannot be written
     */
    public void writeTo(Path file) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, value + "\n");
        } catch (IOException e) {
            throw new InvalidInputException("cannot write %s: %s".formatted(file, FileProblem.reason(e)), e);
        } catch (UnsupportedOperationException e) {
            throw new InvalidInputException(
                    "cannot write %s: its file system cannot keep it from other users".formatted(file), e);
        }
    }

    /** Returns a sentence for an operator if every user of the machine may read the file; empty where that is not known. */
    public static Optional<String> warning(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
                    ? Optional.of(
                            "file %1$s holds a secret and every user may read it; run: chmod o-r %1$s".formatted(file))
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public String toString() {
        return value.isEmpty() ? "" : "********";
    }
}
