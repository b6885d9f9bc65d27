package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;

/** Describes a revision of a repository in JSON, for this service and its commands; docs/protocol.md has the fields. */
public final class ManifestJson {

    /** Before the event in the type of a CloudEvent. */
    private static final String TYPES = "io.jenkins.plugins.cvmfs.notify.";

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

    /**
     * Returns a CloudEvent 1.0 in its JSON format that tells of an announcement. The same announcement has the same {@code id} wherever
     * it comes from: revision, time of publication in seconds and root hash, separated by hyphens.
     *
     * @param source the base URL of the API it was received from, or another name of its sender
     * @param data what {@link #of} returns, and more
     */
    public static ObjectNode cloudEvent(URI source, RepositoryName repository, Manifest manifest, ObjectNode data) {
        return cloudEvent(source, "announced", eventId(manifest), repository, manifest, data);
    }

    /** Returns the {@code id} of an announcement's CloudEvent. */
    public static String eventId(Manifest manifest) {
        Instant published = manifest.publishedAt();
        return "%s-%d-%s"
                .formatted(
                        manifest.revision(),
                        published == null ? 0 : published.getEpochSecond(),
                        manifest.rootCatalog());
    }

    /**
     * The same with another event and id.
     *
     * @param event the last part of the {@code type}
     */
    public static ObjectNode cloudEvent(
            URI source, String event, String id, RepositoryName repository, Manifest manifest, ObjectNode data) {
        Instant published = manifest.publishedAt();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("specversion", "1.0")
                .put("type", TYPES + event)
                .put("source", source.toString())
                .put("subject", repository.value())
                .put("id", id);
        if (published != null) {
            json.put("time", published.toString());
        }
        json.put("datacontenttype", "application/json").set("data", data);
        return json;
    }
}
