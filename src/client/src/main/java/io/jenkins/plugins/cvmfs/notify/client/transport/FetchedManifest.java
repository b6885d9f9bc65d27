package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as it was read from one location, with what is needed to ask that location later whether it has changed. Keep the
 * last one for each location and hand it back to {@link RepositoryReader#manifest}.
 */
public final class FetchedManifest {

    private final byte[] bytes;
    private final Manifest manifest;
    private final @Nullable String entityTag;
    private final @Nullable String lastModified;

    private FetchedManifest(
            byte[] bytes, Manifest manifest, @Nullable String entityTag, @Nullable String lastModified) {
        this.bytes = bytes;
        this.manifest = manifest;
        this.entityTag = entityTag;
        this.lastModified = lastModified;
    }

    /**
     * Reads it.
     *
     * @param source where the bytes come from, for messages
     * @param entityTag the {@code ETag} header as it came, or null
     * @param lastModified the {@code Last-Modified} header as it came, or null
     * @throws InvalidInputException if the bytes are no manifest
     */
    static FetchedManifest read(
            String source, byte[] bytes, @Nullable String entityTag, @Nullable String lastModified) {
        try {
            return new FetchedManifest(bytes, Manifest.parse(bytes), entityTag, lastModified);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(source + ": " + e.getMessage(), e);
        }
    }

    /** The whole {@code .cvmfspublished}, signature included. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Its fields; the signature has not been checked. */
    public Manifest manifest() {
        return manifest;
    }

    /** Whether the file still has these bytes. */
    boolean hasBytes(byte[] other) {
        return Arrays.equals(bytes, other);
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
