package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Everything of an announcement that survives a restart: the step's parameters, the time limit, and the manifest once it was
 * read, so that what is announced after a restart is what was verified before it. Written by one thread at a time, read and
 * saved by any.
 */
final class PublishState implements Serializable {

    private static final long serialVersionUID = 1L;

    private final @Nullable String repository;
    private final @Nullable String repositoryUrl;
    private final @Nullable String manifestFile;
    private final @Nullable String server;
    private final boolean verify;
    private final long giveUpAtMillis;
    private volatile byte @Nullable [] manifest;

    PublishState(
            @Nullable String repository,
            @Nullable String repositoryUrl,
            @Nullable String manifestFile,
            @Nullable String server,
            boolean verify,
            Instant giveUpAt) {
        this.repository = repository;
        this.repositoryUrl = repositoryUrl;
        this.manifestFile = manifestFile;
        this.server = server;
        this.verify = verify;
        this.giveUpAtMillis = giveUpAt.toEpochMilli();
    }

    /** The repository that the pipeline names; null if it gives a URL or a file. */
    @Nullable
    String repository() {
        return repository;
    }

    /** The path in the workspace; null if the manifest is read from {@link #location}. */
    @Nullable
    String manifestFile() {
        return manifestFile;
    }

    /**
     * Returns where the manifest is published; not for a file in the workspace.
     *
     * @throws InvalidInputException if the repository is not configured any more, or URLs are not allowed any more
     */
    RepositoryLocation location(ConfiguredSites sites) {
        return repositoryUrl == null
                ? sites.stratum0(new RepositoryName(String.valueOf(repository)))
                : sites.given(repositoryUrl);
    }

    /** As the pipeline gave it; null if it gave none. */
    @Nullable
    String server() {
        return server;
    }

    boolean verify() {
        return verify;
    }

    Instant giveUpAt() {
        return Instant.ofEpochMilli(giveUpAtMillis);
    }

    /** The manifest that was read and, unless the pipeline asked otherwise, verified; null before. */
    byte @Nullable [] manifest() {
        byte[] known = manifest;
        return known == null ? null : known.clone();
    }

    void accept(byte[] verified) {
        manifest = verified.clone();
    }
}
