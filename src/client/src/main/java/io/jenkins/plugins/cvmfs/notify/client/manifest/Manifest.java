package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a repository's manifest, {@code .cvmfspublished}; the reference is {@code manifest.cc} of CernVM-FS. Lines may
 * come in any order, unknown letters are ignored, the last of several equal letters wins. Immutable.
 *
 * @param rootCatalog hash of the root catalog (C)
 * @param rootCatalogBytes the root catalog's size in bytes (B), unsigned; 0 if not given
 * @param rootPathHash MD5 of the root catalog's path (R), 32 hexadecimal digits
 * @param timeToLive how long clients may use it without asking again (D), in whole seconds
 * @param revision the revision (S)
 * @param repository the fully qualified repository name (N)
 * @param certificate hash of the certificate that signed (X)
 * @param history hash of the tag database (H)
 * @param publishedAt when it was published (T), in whole seconds
 * @param metaInfo hash of the meta information (M)
 * @param reflog hash of the reference log (Y)
 * @param garbageCollectable whether old revisions may be collected (G)
 * @param alternativeCatalogs whether catalogs also lie under their path's name (A)
 * @param microCatalog hash of the micro catalog (L)
 */
public record Manifest(
        ContentHash rootCatalog,
        long rootCatalogBytes,
        String rootPathHash,
        Duration timeToLive,
        Revision revision,
        @Nullable RepositoryName repository,
        @Nullable ContentHash certificate,
        @Nullable ContentHash history,
        @Nullable Instant publishedAt,
        @Nullable ContentHash metaInfo,
        @Nullable ContentHash reflog,
        boolean garbageCollectable,
        boolean alternativeCatalogs,
        @Nullable ContentHash microCatalog) {

    /** MD5 of the empty path: R in the manifest of a whole repository. */
    public static final String ROOT_PATH_HASH = "d41d8cd98f00b204e9800998ecf8427e";

    private static final int MD5_DIGITS = 32;

    /** The end of the year 9999: no later time is meant seriously, and {@code Instant} and {@code Duration} stay in range. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    /**
     * Reads the fields of the signed text. The signature is not verified.
     *
     * @throws ManifestFormatException if C, R, D or S is missing, or a known field cannot be read; it names the line
     */
    public static Manifest parse(SignedText signed) {
        List<String> lines = signed.lines();
        return new Manifest(
                required(lines, 'C', ContentHash::parse),
                optional(lines, 'B', Manifest::unsigned).orElse(0L),
                required(lines, 'R', Manifest::md5),
                Duration.ofSeconds(required(lines, 'D', Manifest::seconds)),
                required(lines, 'S', Revision::parse),
                optional(lines, 'N', RepositoryName::new).orElse(null),
                optional(lines, 'X', ContentHash::parse).orElse(null),
                optional(lines, 'H', ContentHash::parse).orElse(null),
                optional(lines, 'T', Manifest::seconds)
                        .map(Instant::ofEpochSecond)
                        .orElse(null),
                optional(lines, 'M', ContentHash::parse).orElse(null),
                optional(lines, 'Y', ContentHash::parse).orElse(null),
                optional(lines, 'G', "yes"::equals).orElse(false),
                optional(lines, 'A', "yes"::equals).orElse(false),
                optional(lines, 'L', ContentHash::parse).orElse(null));
    }

    /**
     * Reads the fields of a whole {@code .cvmfspublished}. The signature is not verified.
     *
     * @throws ManifestFormatException as {@link #parse(SignedText)}
     */
    public static Manifest parse(byte[] published) {
        return parse(SignedText.parse(published));
    }

    private static <T> T required(List<String> lines, char letter, Function<String, T> reader) {
        return optional(lines, letter, reader)
                .orElseThrow(() -> new ManifestFormatException(0, "manifest has no line '%c'".formatted(letter)));
    }

    private static <T> Optional<T> optional(List<String> lines, char letter, Function<String, T> reader) {
        for (int i = lines.size(); i > 0; i--) {
            String line = lines.get(i - 1);
            if (!line.isEmpty() && line.charAt(0) == letter) {
                try {
                    return Optional.of(reader.apply(line.substring(1)));
                } catch (InvalidInputException e) {
                    throw new ManifestFormatException(i, "field %c: %s".formatted(letter, e.getMessage()));
                }
            }
        }
        return Optional.empty();
    }

    private static long unsigned(String text) {
        return Revision.parse(text).bits();
    }

    private static long seconds(String text) {
        long seconds = unsigned(text);
        if (Long.compareUnsigned(seconds, MAX_SECONDS) > 0) {
            throw new InvalidInputException("%s seconds are more than %d".formatted(Excerpt.of(text), MAX_SECONDS));
        }
        return seconds;
    }

    private static String md5(String text) {
        if (!ContentHash.isLowerCaseHex(text, MD5_DIGITS)) {
            throw new InvalidInputException("'%s' is not 32 lower-case hexadecimal digits".formatted(Excerpt.of(text)));
        }
        return text;
    }

    /** Returns true for the manifest of a whole repository, false for that of a subtree. */
    public boolean isOfRoot() {
        return ROOT_PATH_HASH.equals(rootPathHash);
    }

    /** Returns the lines in the order of the reference, without a signature. Optional fields that are null are left out. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        line(text, 'C', rootCatalog);
        line(text, 'B', Long.toUnsignedString(rootCatalogBytes));
        line(text, 'R', rootPathHash);
        line(text, 'D', timeToLive.toSeconds());
        line(text, 'S', revision);
        line(text, 'G', garbageCollectable ? "yes" : "no");
        line(text, 'A', alternativeCatalogs ? "yes" : "no");
        line(text, 'L', microCatalog);
        line(text, 'N', repository);
        line(text, 'X', certificate);
        line(text, 'H', history);
        line(text, 'T', publishedAt == null ? null : publishedAt.getEpochSecond());
        line(text, 'M', metaInfo);
        line(text, 'Y', reflog);
        return text.toString();
    }

    private static void line(StringBuilder text, char letter, @Nullable Object value) {
        if (value != null) {
            text.append(letter).append(value).append('\n');
        }
    }
}
