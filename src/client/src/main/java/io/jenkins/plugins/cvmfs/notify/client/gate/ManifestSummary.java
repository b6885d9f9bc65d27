package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an announced or served manifest that a gate compares.
 *
 * @param publishedAt by the publisher's clock, in whole seconds; null if the manifest does not say
 */
public record ManifestSummary(
        Revision revision, ContentHash rootHash, @Nullable Instant publishedAt) {

    /** Takes the fields from a manifest. */
    public static ManifestSummary of(Manifest manifest) {
        return new ManifestSummary(manifest.revision(), manifest.rootCatalog(), manifest.publishedAt());
    }

    boolean isPublishedAfter(@Nullable Instant other) {
        return publishedAt != null && other != null && publishedAt.isAfter(other);
    }
}
