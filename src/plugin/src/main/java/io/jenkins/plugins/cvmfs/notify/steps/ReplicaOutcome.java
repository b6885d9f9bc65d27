package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.jspecify.annotations.Nullable;

/**
 * The result of {@code waitForCvmfsRevision} for one replica; part of {@link ReachedRevision}. Running builds save the names of
 * this class and of its fields.
 */
public final class ReplicaOutcome implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final String url;
    private final @Nullable Long revision;
    private final @Nullable String availableAt;
    private final @Nullable Long latencyMillis;
    private final @Nullable String error;

    ReplicaOutcome(ReplicaReport report) {
        ReplicaState state = report.state();
        ManifestSummary served = state.served();
        Duration latency = report.latency();
        this.name = state.replica().name();
        Elsewhere agent = Elsewhere.read(state.replica().location());
        this.url = agent == null ? state.replica().location() : agent.root();
        this.revision = served == null ? null : served.revision().bits();
        this.availableAt = Objects.toString(state.availableAt(), null);
        this.latencyMillis = latency == null ? null : latency.toMillis();
        this.error = state.error();
    }

    /** The name in the configuration, or the URL if the pipeline gave one; of an agent its name. */
    @Whitelisted
    public String getName() {
        return name;
    }

    /** The URL where it was read; of an agent the path of its mount. */
    @Whitelisted
    public String getUrl() {
        return url;
    }

    /** The revision that it served last; null if it could never be read. */
    @Whitelisted
    public @Nullable Long getRevision() {
        return revision;
    }

    /** When the revision was first seen there, ISO 8601 in UTC; null if it was not. */
    @Whitelisted
    public @Nullable String getAvailableAt() {
        return availableAt;
    }

    /**
     * The time from publication (by the publisher's clock), else from the announcement, until the revision was seen there; null
     * if it was not, or if neither time is known.
     */
    @Whitelisted
    public @Nullable Long getLatencyMillis() {
        return latencyMillis;
    }

    /** Why the last read of this replica failed; null if it succeeded. */
    @Whitelisted
    public @Nullable String getError() {
        return error;
    }

    @Override
    public String toString() {
        return name + (revision == null ? " not read" : " revision " + revision);
    }
}
