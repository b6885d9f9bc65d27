package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The answer to a {@link Question}. */
sealed interface ReplicaFinding {

    /**
     * What the manifest says.
     *
     * @param repository which repository it is of; null if it does not say
     */
    record Manifest(ManifestSummary publication, @Nullable RepositoryName repository) implements ReplicaFinding {}

    record RootCatalog(boolean present) implements ReplicaFinding {}

    record LastSnapshot(@Nullable Instant at) implements ReplicaFinding {}

    /** There is no answer; one line for people says why. */
    record Problem(String text) implements ReplicaFinding {}
}
