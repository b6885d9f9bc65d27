package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an announced or served manifest that a gate compares.
 *
 * @param rootHash null if a mounted client does not tell it; every other replica does
 * @param publishedAt by the publisher's clock, in whole seconds; null if the manifest does not say
 */
public record ManifestSummary(
        Revision revision,
        @Nullable ContentHash rootHash,
        @Nullable Instant publishedAt) {

    /** Takes the fields from a manifest. */
    public static ManifestSummary of(Manifest manifest) {
        return new ManifestSummary(manifest.revision(), manifest.rootCatalog(), manifest.publishedAt());
    }

    /**
     * Returns the hash of the root catalog.
     *
     * @throws IllegalStateException if a mounted client does not tell it; for what may be a mount use {@link #toldRootHash}
     */
    @Override
    public ContentHash rootHash() {
        if (rootHash == null) {
            throw new IllegalStateException("the client of the mount does not tell its root hash");
        }
        return rootHash;
    }

    /** Returns the hash of the root catalog; empty if a mounted client does not tell it. */
    public Optional<ContentHash> toldRootHash() {
        return Optional.ofNullable(rootHash);
    }

    /** Returns true if the other has the same root catalog; without hashes, if it has the same revision. */
    boolean isOfSameCatalog(ManifestSummary other) {
        boolean bothTold = rootHash != null && other.rootHash != null;
        return bothTold ? Objects.equals(rootHash, other.rootHash) : revision.equals(other.revision);
    }

    boolean isPublishedAfter(@Nullable Instant other) {
        return publishedAt != null && other != null && publishedAt.isAfter(other);
    }
}
