package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What stands between a pair of {@code -----BEGIN LABEL-----} and {@code -----END LABEL-----}.
 *
 * @param content decoded; as it is, and not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PemBlock(String label, byte[] content) {

    private static final long MAX_BYTES = 4L << 20;
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final Pattern SPACE = Pattern.compile("\\s+");

    /**
     * All blocks of a file; whatever stands around them is ignored.
     *
     * @throws InvalidInputException if the file cannot be read, is too long, or a block is not base64
     */
    static List<PemBlock> read(Path file) {
        return BLOCK.matcher(text(file))
                .results()
                .map(block -> new PemBlock(block.group(1), decoded(block.group(2), file)))
                .toList();
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InvalidInputException("file %s is longer than %d bytes".formatted(file, MAX_BYTES));
            }
            return Files.readString(file, ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException("there is no file " + file, e);
        } catch (IOException e) {
            throw new InvalidInputException("file %s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static byte[] decoded(String base64, Path file) {
        try {
            return Base64.getDecoder().decode(SPACE.matcher(base64).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("what stands in %s is not base64".formatted(file), e);
        }
    }
}
