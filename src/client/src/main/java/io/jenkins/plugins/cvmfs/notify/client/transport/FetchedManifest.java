package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A manifest read from one location, with the validators ({@code ETag}, {@code Last-Modified}) to ask that location whether it changed.
 * Keep the last one of each location and pass it to {@link RepositoryReader#manifest}. Immutable.
 */
public final class FetchedManifest {

    private final byte[] bytes;
    private final Manifest manifest;
    private final @Nullable String entityTag;
    private final @Nullable String lastModified;
    private final @Nullable String note;

    private FetchedManifest(
            byte[] bytes,
            Manifest manifest,
            @Nullable String entityTag,
            @Nullable String lastModified,
            @Nullable String note) {
        this.bytes = bytes;
        this.manifest = manifest;
        this.entityTag = entityTag;
        this.lastModified = lastModified;
        this.note = note;
    }

    /**
     * Parses the bytes.
     *
     * @param source the URL or path, for messages
     * @param entityTag the {@code ETag} header, unchanged, or null
     * @param lastModified the {@code Last-Modified} header, unchanged, or null
     * @throws InvalidInputException if the bytes are not a manifest
     */
    static FetchedManifest read(
            String source, byte[] bytes, @Nullable String entityTag, @Nullable String lastModified) {
        try {
            return new FetchedManifest(bytes, Manifest.parse(bytes), entityTag, lastModified, null);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(source + ": " + e.getMessage(), e);
        }
    }

    /** Returns a copy of the whole {@code .cvmfspublished}, signature included. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Returns its fields; the signature is not verified. */
    public Manifest manifest() {
        return manifest;
    }

    /** Returns what the manifest itself does not say of where it was read, one phrase for people, such as which addresses lag. */
    public Optional<String> note() {
        return Optional.ofNullable(note);
    }

    FetchedManifest withNote(@Nullable String text) {
        return new FetchedManifest(bytes, manifest, entityTag, lastModified, text);
    }

    boolean hasBytes(byte[] other) {
        return Arrays.equals(bytes, other);
    }

    /** Returns the value for {@code If-None-Match}. */
    Optional<String> entityTag() {
        return Optional.ofNullable(entityTag);
    }

    /** Returns the value for {@code If-Modified-Since}. */
    Optional<String> lastModified() {
        return Optional.ofNullable(lastModified);
    }
}
