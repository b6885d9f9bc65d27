package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.jspecify.annotations.Nullable;

/** The value of {@code waitForCvmfsRevision}: what can be read now, and where. */
public final class ReachedRevision implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String repository;
    private final boolean reached;
    private final @Nullable Long revision;
    private final @Nullable String rootHash;
    private final long waitedMillis;
    private final ArrayList<ReplicaOutcome> replicas = new ArrayList<>();

    ReachedRevision(GateReport report) {
        Optional<ManifestSummary> common = common(report);
        this.repository = report.condition().repository().value();
        this.reached = report.outcome() == GateOutcome.REACHED;
        this.revision = common.map(publication -> publication.revision().bits()).orElse(null);
        this.rootHash =
                common.map(publication -> publication.rootHash().toString()).orElse(null);
        this.waitedMillis = report.waited().toMillis();
        report.replicas().forEach(replica -> replicas.add(new ReplicaOutcome(replica)));
    }

    /** The lowest of the revisions that count: what each of the replicas that have it can serve. */
    private static Optional<ManifestSummary> common(GateReport report) {
        return report.replicas().stream()
                .map(ReplicaReport::state)
                .filter(state -> state.counts())
                .map(state -> state.served())
                .filter(Objects::nonNull)
                .min(Comparator.comparing(ManifestSummary::revision));
    }

    /** The fully qualified name. */
    @Whitelisted
    public String getRepository() {
        return repository;
    }

    /** Whether enough replicas have what was waited for; false after a time-out or a withdrawn revision. */
    @Whitelisted
    public boolean isReached() {
        return reached;
    }

    /** The lowest revision among the replicas that have what was waited for; null if none has. */
    @Whitelisted
    public @Nullable Long getRevision() {
        return revision;
    }

    /** The root hash of that revision. */
    @Whitelisted
    public @Nullable String getRootHash() {
        return rootHash;
    }

    /** From the start of the step to its end, restarts included. */
    @Whitelisted
    public long getWaitedMillis() {
        return waitedMillis;
    }

    /** One for each replica that was watched, in the order in which they were named. */
    @Whitelisted
    public List<ReplicaOutcome> getReplicas() {
        return replicas;
    }

    @Override
    public String toString() {
        return repository + (reached ? " revision " + revision : " not reached");
    }
}
