package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What must be readable before {@code wait} ends. */
final class TargetOptions {

    @Option(names = "--revision", paramLabel = "N", description = "Wait for revision N or a newer one.")
    private @Nullable Revision revision;

    @Option(names = "--after", paramLabel = "N", description = "Wait for any revision newer than N.")
    private @Nullable Revision after;

    @Option(
            names = "--root-hash",
            paramLabel = "HASH",
            description = {
                "Wait for the revision whose root catalog has this hash. Give its --revision too if you know it: then replicas that"
                        + " have moved on count as well."
            })
    private @Nullable ContentHash rootHash;

    /** @throws InvalidInputException if the options name none or several */
    Target target() {
        if (rootHash != null && after == null) {
            return new Target.RootHash(rootHash, revision);
        }
        if (revision != null && after == null) {
            return new Target.AtLeast(revision);
        }
        if (after != null && revision == null && rootHash == null) {
            return new Target.NewerThan(after);
        }
        throw new InvalidInputException(
                "say what to wait for: --revision, --after or --root-hash (with or without --revision)");
    }
}
