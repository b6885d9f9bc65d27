package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.math.BigInteger;
import java.time.Instant;

/** Describes a revision of a repository in JSON, for this service and its commands; docs/protocol.md has the fields. */
public final class ManifestJson {

    private ManifestJson() {}

    /**
     * Returns a new object with {@code repository}, {@code revision}, {@code revision_text}, {@code root_hash} and {@code published}. The
     * revision occurs twice because JavaScript rounds numbers above 2^53.
     */
    public static ObjectNode of(RepositoryName repository, Manifest manifest) {
        String revision = manifest.revision().toString();
        Instant published = manifest.publishedAt();
        return JsonNodeFactory.instance
                .objectNode()
                .put("repository", repository.value())
                .put("revision", new BigInteger(revision))
                .put("revision_text", revision)
                .put("root_hash", manifest.rootCatalog().toString())
                .put("published", published == null ? null : published.toString());
    }
}
