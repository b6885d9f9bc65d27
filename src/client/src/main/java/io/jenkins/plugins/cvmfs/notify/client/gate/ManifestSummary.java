package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest, announced or served, says as far as a gate is concerned.
 *
 * @param publishedAt by the publisher's clock, in whole seconds; null if the manifest does not say
 */
public record ManifestSummary(
        Revision revision, ContentHash rootHash, @Nullable Instant publishedAt) {

    /** The same from the manifest. */
    public static ManifestSummary of(Manifest manifest) {
        return new ManifestSummary(manifest.revision(), manifest.rootCatalog(), manifest.publishedAt());
    }

    boolean isPublishedAfter(@Nullable Instant other) {
        return publishedAt != null && other != null && publishedAt.isAfter(other);
    }
}
