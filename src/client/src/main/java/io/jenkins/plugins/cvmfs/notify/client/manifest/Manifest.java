package io.jenkins.plugins.cvmfs.notify.client.manifest;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a repository's manifest, {@code .cvmfspublished}; the reference is {@code manifest.cc} of CernVM-FS. Lines may
 * come in any order, unknown letters are ignored, the last of several equal letters wins.
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

    /** MD5 of the empty path: what R must be in the manifest of a whole repository. */
    public static final String ROOT_PATH_HASH = "d41d8cd98f00b204e9800998ecf8427e";

    /** Whether this is the manifest of a whole repository and not of a subtree. */
    public boolean isOfRoot() {
        return ROOT_PATH_HASH.equals(rootPathHash);
    }

    /**
     * Reads the fields from the signed text's lines. Whether the signature is right is for {@code trust} to say.
     *
     * @throws ManifestFormatException if C, R, D or S is missing, or a known field cannot be read; it names the line
     */
    public static Manifest parse(SignedText signed) {
        ManifestLines lines = ManifestLines.of(signed);
        return new Manifest(
                lines.required('C', ContentHash::parse),
                lines.optional('B', ManifestLines::unsigned, 0L),
                lines.required('R', ManifestLines::md5),
                Duration.ofSeconds(lines.required('D', ManifestLines::seconds)),
                lines.required('S', Revision::parse),
                lines.optional('N', RepositoryName::new),
                lines.optional('X', ContentHash::parse),
                lines.optional('H', ContentHash::parse),
                lines.optional('T', text -> Instant.ofEpochSecond(ManifestLines.seconds(text))),
                lines.optional('M', ContentHash::parse),
                lines.optional('Y', ContentHash::parse),
                lines.optional('G', "yes"::equals, false),
                lines.optional('A', "yes"::equals, false),
                lines.optional('L', ContentHash::parse));
    }

    /** The same, from the whole file. */
    public static Manifest parse(byte[] published) {
        return parse(SignedText.parse(published));
    }

    /** The lines in the order of the reference, without a signature. Optional fields that are null are left out. */
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
