package io.jenkins.plugins.cvmfs.notify.steps;

import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All of a publish that survives a restart: the parameters, until when to try, and the manifest once it was read, so that what
 * is announced after a restart is what was verified before it. Written by one thread at a time, read and saved by any.
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

    PublishState(PublishRequest request, Instant giveUpAt) {
        this.repository = request.repository();
        this.repositoryUrl = request.repositoryUrl();
        this.manifestFile = request.manifestFile();
        this.server = request.server();
        this.verify = request.verify();
        this.giveUpAtMillis = giveUpAt.toEpochMilli();
    }

    PublishRequest request() {
        return new PublishRequest(repository, repositoryUrl, manifestFile, server, verify);
    }

    Instant giveUpAt() {
        return Instant.ofEpochMilli(giveUpAtMillis);
    }

    /** The manifest that was read and, if so asked, verified; null before. */
    byte @Nullable [] manifest() {
        byte[] known = manifest;
        return known == null ? null : known.clone();
    }

    void accept(byte[] published) {
        manifest = published.clone();
    }
}
