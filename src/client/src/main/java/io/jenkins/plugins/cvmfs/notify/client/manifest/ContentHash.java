package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.HexFormat;

/**
 * The name of an object in a repository's content-addressed storage: the hash of its compressed bytes.
 *
 * @param hex 40 lower-case hexadecimal digits
 */
public record ContentHash(HashAlgorithm algorithm, String hex) {

    /** The kinds of objects under {@code data/} that a manifest names. */
    public enum ObjectKind {
        /** A file catalog; the root catalog is the one the manifest names in its C line. */
        CATALOG('C'),
        /** The X.509 certificate whose key signed the manifest. */
        CERTIFICATE('X'),
        /** The database of named tags. */
        HISTORY('H'),
        /** The repository's meta information, JSON. */
        META_INFO('M');

        /** The last character of the object's path. */
        private final char letter;

        ObjectKind(char letter) {
            this.letter = letter;
        }
    }

    /** Length of the hexadecimal part, in characters. */
    public static final int HEX_DIGITS = 2 * HashAlgorithm.BYTES;

    /** @throws InvalidInputException if {@code hex} is not exactly {@value #HEX_DIGITS} lower-case hexadecimal digits */
    public ContentHash {
        if (!isLowerCaseHex(hex, HEX_DIGITS)) {
            throw new InvalidInputException("content hash has '%s', expected %d lower-case hexadecimal digits"
                    .formatted(Excerpt.of(hex), HEX_DIGITS));
        }
    }

    /**
     * Reads the text of a hash, such as {@code d41d…} or {@code d41d…-rmd160}.
     *
     * @throws InvalidInputException if the digits or the suffix are wrong
     */
    public static ContentHash parse(String text) {
        String suffix = text.substring(Math.min(HEX_DIGITS, text.length()));
        for (HashAlgorithm algorithm : HashAlgorithm.values()) {
            if (algorithm.suffix().equals(suffix)) {
                return new ContentHash(algorithm, text.substring(0, text.length() - suffix.length()));
            }
        }
        throw new InvalidInputException(
                "content hash '%s' must be %d hexadecimal digits, then nothing (SHA-1), -rmd160 or -shake128"
                        .formatted(Excerpt.of(text), HEX_DIGITS));
    }

    /** Returns the hash of these bytes as they are: compress an object before you hash it. */
    public static ContentHash of(HashAlgorithm algorithm, byte[] data) {
        return new ContentHash(algorithm, HexFormat.of().formatHex(algorithm.digest(data)));
    }

    /** Returns the object's path below the repository's root: {@code data/ab/cdef…<suffix><letter>}. */
    public String objectPath(ObjectKind kind) {
        return "data/" + hex.substring(0, 2) + "/" + hex.substring(2) + algorithm.suffix() + kind.letter;
    }

    static boolean isLowerCaseHex(String text, int digits) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return text.length() == digits;
    }

    /** Returns the text as in a manifest: the digits and the algorithm's suffix. */
    @Override
    public String toString() {
        return hex + algorithm.suffix();
    }
}
