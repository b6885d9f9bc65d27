package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;

/** Manifests as a reader would give them, for tests that have no files. */
public final class UnsignedManifests {

    private UnsignedManifests() {}

    /** The bytes of a manifest without a signature. */
    public static byte[] bytes(
            RepositoryName repository, Revision revision, ContentHash rootHash, Instant publishedAt) {
        return "C%s\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS%s\nN%s\nT%d\n"
                .formatted(rootHash, revision, repository, publishedAt.getEpochSecond())
                .getBytes(ISO_8859_1);
    }

    /** The same as it is read. */
    public static FetchedManifest read(byte[] bytes) {
        return FetchedManifest.read("test", bytes, null, null);
    }
}
