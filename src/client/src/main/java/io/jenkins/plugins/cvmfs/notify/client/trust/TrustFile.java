package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small text file of the administrator, such as a key. */
final class TrustFile {

    /** The longest file read, in bytes. */
    static final int MAX_BYTES = 1024 * 1024;

    private TrustFile() {}

    /** Returns its text as ISO 8859-1, in which every byte is a character. */
    static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InvalidInputException("%s is longer than %d bytes".formatted(file, MAX_BYTES));
            }
            return new String(bytes, ISO_8859_1);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s: %s".formatted(file, FileProblem.reason(e)), e);
        }
    }
}
