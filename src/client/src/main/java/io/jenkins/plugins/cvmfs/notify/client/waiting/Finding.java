package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.Publication;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The answer to a {@link Question}. */
sealed interface Finding {

    /**
     * What the manifest says.
     *
     * @param repository which repository it is of; null if it does not say
     */
    record Manifest(Publication publication, @Nullable RepositoryName repository) implements Finding {}

    record RootCatalog(boolean present) implements Finding {}

    record LastSnapshot(@Nullable Instant at) implements Finding {}

    /** There is no answer; one line for people says why. */
    record Problem(String text) implements Finding {}
}
