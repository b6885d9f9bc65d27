package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;

/** What gates want to know of a replica; equal questions of different gates have one answer. */
sealed interface Question {

    /** Where to look. */
    RepositoryLocation location();

    record Manifest(RepositoryLocation location) implements Question {}

    record RootCatalog(RepositoryLocation location, ContentHash hash) implements Question {}

    record LastSnapshot(RepositoryLocation location) implements Question {}

    /** Whose patience it costs: a host and port, or the file system. */
    default String host() {
        return location() instanceof RepositoryLocation.Web web ? web.root().getRawAuthority() : "";
    }
}
