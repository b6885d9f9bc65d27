package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.Serializable;
import java.util.Objects;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.jspecify.annotations.Nullable;

/**
 * The value of {@code cvmfsPublishNotify}: what was announced. Running builds save the names of this class and of its fields.
 */
public final class PublishedRevision implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String repository;
    private final long revision;
    private final String rootHash;
    private final @Nullable String publishedAt;
    private final String server;

    PublishedRevision(ActivityMessage message, String server) {
        this.repository = message.repository().value();
        this.revision = message.revision().bits();
        this.rootHash = message.manifest().rootCatalog().toString();
        this.publishedAt = Objects.toString(message.manifest().publishedAt(), null);
        this.server = server;
    }

    /** The fully qualified name, from the manifest. */
    @Whitelisted
    public String getRepository() {
        return repository;
    }

    /** The revision, from the manifest. */
    @Whitelisted
    public long getRevision() {
        return revision;
    }

    /** The hash of the root catalog, as in the manifest. */
    @Whitelisted
    public String getRootHash() {
        return rootHash;
    }

    /** When it was published, ISO 8601 in UTC; null if the manifest has no time. */
    @Whitelisted
    public @Nullable String getPublishedAt() {
        return publishedAt;
    }

    /** The name of the server it was announced at. */
    @Whitelisted
    public String getServer() {
        return server;
    }

    @Override
    public String toString() {
        return repository + " revision " + revision;
    }
}
