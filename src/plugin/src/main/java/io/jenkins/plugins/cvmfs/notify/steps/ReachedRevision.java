package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.jspecify.annotations.Nullable;

/**
 * The value of {@code waitForCvmfsRevision}: what can be read now, and where. Running builds save the names of this class and of
 * its fields.
 */
public final class ReachedRevision implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String repository;
    private final boolean reached;
    private final @Nullable Long revision;
    private final @Nullable String rootHash;
    private final long waitedMillis;
    private final ArrayList<ReplicaOutcome> replicas = new ArrayList<>();
    /** Null in builds that an older version saved. */
    private final @Nullable ArrayList<ReplicaOutcome> agents;
    /** Null if one repository was waited for. */
    private final @Nullable ArrayList<ReachedRevision> all;

    ReachedRevision(GateReport report) {
        Optional<ManifestSummary> readable = report.readable();
        this.repository = report.condition().repository().value();
        this.reached = report.outcome() == GateOutcome.REACHED;
        this.revision = readable.map(manifest -> manifest.revision().bits()).orElse(null);
        this.rootHash = readable.flatMap(ManifestSummary::toldRootHash)
                .map(ContentHash::toString)
                .orElse(null);
        this.waitedMillis = report.waited().toMillis();
        boolean isOfAgents = report.condition().group() != null;
        this.agents = new ArrayList<>();
        report.replicas().forEach(replica -> (isOfAgents ? agents : replicas).add(new ReplicaOutcome(replica)));
        this.all = null;
    }

    /** The value of a wait for replicas and for agents of one repository. */
    private ReachedRevision(ReachedRevision ofReplicas, ReachedRevision ofAgents) {
        boolean isFirst = ofAgents.revision == null
                || (ofReplicas.revision != null && Long.compareUnsigned(ofReplicas.revision, ofAgents.revision) <= 0);
        ReachedRevision lowest = isFirst ? ofReplicas : ofAgents;
        this.repository = ofReplicas.repository;
        this.reached = ofReplicas.reached && ofAgents.reached;
        this.revision = lowest.revision;
        this.rootHash = lowest.rootHash;
        this.waitedMillis = Math.max(ofReplicas.waitedMillis, ofAgents.waitedMillis);
        this.agents = ofAgents.agents;
        replicas.addAll(ofReplicas.replicas);
        this.all = null;
    }

    private ReachedRevision(List<ReachedRevision> all) {
        ReachedRevision last = all.get(all.size() - 1);
        this.repository = last.repository;
        this.reached = all.stream().allMatch(ReachedRevision::isReached);
        this.revision = last.revision;
        this.rootHash = last.rootHash;
        this.waitedMillis =
                all.stream().mapToLong(ReachedRevision::getWaitedMillis).max().orElse(0);
        replicas.addAll(last.replicas);
        this.agents = last.agents;
        this.all = new ArrayList<>(all);
    }

    /**
     * Returns the value of several waits, those for the replicas and the agents of one repository one after the other. With several
     * repositories it is that of the last one, reached if all are.
     */
    static ReachedRevision ofAll(List<ReachedRevision> values) {
        List<ReachedRevision> byRepository = new ArrayList<>();
        for (ReachedRevision value : values) {
            ReachedRevision before = byRepository.isEmpty() ? null : byRepository.get(byRepository.size() - 1);
            if (before != null && before.repository.equals(value.repository)) {
                byRepository.set(byRepository.size() - 1, new ReachedRevision(before, value));
            } else {
                byRepository.add(value);
            }
        }
        return byRepository.size() == 1 ? byRepository.get(0) : new ReachedRevision(byRepository);
    }

    @Whitelisted
    public String getRepository() {
        return repository;
    }

    /**
     * Returns true if enough replicas or agents have what was waited for, of every repository; false after a timeout or if the revision was
     * withdrawn.
     */
    @Whitelisted
    public boolean isReached() {
        return reached;
    }

    /** The lowest revision on the replicas that have what was waited for; null if none has. */
    @Whitelisted
    public @Nullable Long getRevision() {
        return revision;
    }

    /** The root hash of that revision. */
    @Whitelisted
    public @Nullable String getRootHash() {
        return rootHash;
    }

    /** The time from the start of the step to its end, restarts included. */
    @Whitelisted
    public long getWaitedMillis() {
        return waitedMillis;
    }

    /** The replicas that were watched, in the order in which they were named. */
    @Whitelisted
    public List<ReplicaOutcome> getReplicas() {
        return replicas;
    }

    /** The agents that were asked and online at the end, in the order of their names. */
    @Whitelisted
    public List<ReplicaOutcome> getAgents() {
        return agents == null ? List.of() : agents;
    }

    /** One value for each repository that was waited for, in the order in which they were announced. */
    @Whitelisted
    public List<ReachedRevision> getAll() {
        return all == null ? List.of(this) : all;
    }

    @Override
    public String toString() {
        return repository + (reached ? " revision " + revision : " not reached");
    }
}
