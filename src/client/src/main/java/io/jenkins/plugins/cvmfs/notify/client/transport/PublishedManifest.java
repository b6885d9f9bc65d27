package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ManifestFormatException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as it was read from one location, with what is needed to ask that location later whether it has changed. Keep the
 * last one for each location and hand it back to {@link RepositoryReader#manifest}.
 */
public final class PublishedManifest {

    private final byte[] bytes;
    private final Manifest manifest;
    private final @Nullable String entityTag;
    private final @Nullable String lastModified;

    /**
     * @param entityTag the {@code ETag} header as it came, or null
     * @param lastModified the {@code Last-Modified} header as it came, or null
     * @throws ManifestFormatException if the bytes are no manifest
     */
    PublishedManifest(byte[] bytes, @Nullable String entityTag, @Nullable String lastModified) {
        this.bytes = bytes;
        this.manifest = Manifest.parse(bytes);
        this.entityTag = entityTag;
        this.lastModified = lastModified;
    }

    /** The whole {@code .cvmfspublished}, signature included. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Its fields; the signature has not been checked. */
    public Manifest manifest() {
        return manifest;
    }

    /** For {@code If-None-Match}. */
    Optional<String> entityTag() {
        return Optional.ofNullable(entityTag);
    }

    /** For {@code If-Modified-Since}. */
    Optional<String> lastModified() {
        return Optional.ofNullable(lastModified);
    }
}
