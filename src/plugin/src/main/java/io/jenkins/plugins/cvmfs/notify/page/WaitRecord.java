package io.jenkins.plugins.cvmfs.notify.page;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot.LatestAnnouncement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/** One {@code waitForCvmfsRevision} of a build. Immutable. */
public final class WaitRecord extends StepRecord {

    private static final int MAX_ROWS = 100;

    private final String target;
    private final int needed;
    private final String connection;
    private final @Nullable Long publishedAt;
    private final @Nullable Long announcedAt;
    private final @Nullable Long announcedRevision;
    private final ArrayList<ReplicaRecord> replicas;
    /** Null if replicas were waited for; builds of older versions have none of the following. */
    private final @Nullable String group;

    private final @Nullable Integer total;
    private final @Nullable Long counted;

    /**
     * @param connection the connection to the notification server, in words
     * @param seenWithout the names of the replicas that were seen without the revision
     * @param startedAt of the wait, before any restart
     */
    public WaitRecord(
            GateReport report,
            State state,
            String detail,
            String connection,
            Set<String> seenWithout,
            Instant startedAt,
            @Nullable Instant endedAt) {
        super(
                report.condition().repository().value(),
                state,
                detail,
                startedAt,
                report.condition().deadline(),
                endedAt);
        Condition condition = report.condition();
        LatestAnnouncement announced = report.announced();
        this.target = condition.target().toString();
        this.needed = condition.needed();
        this.connection = connection;
        this.publishedAt = millis(condition.publishedAt());
        this.announcedAt = announced == null ? null : millis(announced.at());
        this.announcedRevision =
                announced == null ? null : announced.manifest().revision().bits();
        this.replicas = new ArrayList<>();
        this.group = Objects.toString(condition.group(), null);
        this.total = report.replicas().size();
        this.counted = report.counted();
        report.first(MAX_ROWS)
                .forEach(replica -> replicas.add(new ReplicaRecord(
                        replica, seenWithout.contains(replica.state().replica().name()), startedAt)));
    }

    @Override
    public String getTitle() {
        return "Wait for %s of %s%s".formatted(target, getRepository(), group == null ? "" : " on " + group);
    }

    @Override
    public String getStateText() {
        return switch (getState()) {
            case RUNNING -> "waiting";
            case DONE -> "reached";
            case TIMED_OUT -> "timed out";
            case WITHDRAWN -> "withdrawn";
            case FAILED -> "failed";
            case ABORTED -> "aborted";
        };
    }

    /** Returns the wait's target, such as {@code revision 7 or newer}. */
    @Exported
    public String getTarget() {
        return target;
    }

    /** Returns true if agents were waited for, not replicas. */
    @Exported
    public boolean isOfAgents() {
        return group != null;
    }

    /** Returns the number of replicas or agents, also of those that {@link #getReplicas} leaves out. */
    @Exported
    public int getTotal() {
        return total == null ? replicas.size() : total;
    }

    /** Returns the number of replicas that must have it. */
    @Exported
    public int getNeeded() {
        return needed;
    }

    /** Returns the number of replicas that have it. */
    @Exported
    public long getCounted() {
        return counted == null
                ? replicas.stream().filter(ReplicaRecord::isCounted).count()
                : counted;
    }

    /** The connection to the notification server, in words. */
    @Exported
    public String getConnection() {
        return connection;
    }

    /** When the revision was published, by its manifest; null if that is not known. */
    @Exported
    public @Nullable Date getPublishedAt() {
        return date(publishedAt);
    }

    /** When the announcement arrived; null if none did. */
    @Exported
    public @Nullable Date getAnnouncedAt() {
        return date(announcedAt);
    }

    /** The revision that was announced; null if none was. */
    @Exported
    public @Nullable Long getAnnouncedRevision() {
        return announcedRevision;
    }

    /** In the order of the pipeline or of the configuration; agents by name. At most {@value #MAX_ROWS}. */
    @Exported
    public List<ReplicaRecord> getReplicas() {
        return List.copyOf(replicas);
    }

    @Nullable
    Instant published() {
        return instant(publishedAt);
    }

    @Nullable
    Instant announced() {
        return instant(announcedAt);
    }

    /** A wait that begins so soon after publication measures the latency of every replica. */
    private static final Duration SOON = Duration.ofMinutes(1);

    /** One replica of a wait. Immutable. */
    @ExportedBean(defaultVisibility = 3)
    public static final class ReplicaRecord {

        private final String name;
        private final @Nullable String proxy;
        private final String summary;
        private final boolean counted;
        private final @Nullable Long revision;
        private final @Nullable Long seenAt;
        private final @Nullable Long availableAt;
        private final @Nullable Long latencyMillis;
        private final boolean measured;
        private final @Nullable String error;

        private ReplicaRecord(ReplicaReport report, boolean seenWithout, Instant startedAt) {
            ReplicaState state = report.state();
            this.name = state.replica().name();
            this.proxy = proxy(state.replica());
            this.summary = report.summary();
            this.counted = state.counts();
            ManifestSummary served = state.served();
            this.revision = served == null ? null : served.revision().bits();
            this.seenAt = millis(state.seenAt());
            this.availableAt = millis(state.availableAt());
            Duration latency = report.latency();
            Instant available = state.availableAt();
            this.latencyMillis = latency == null ? null : latency.toMillis();
            this.measured = latency != null
                    && available != null
                    && (seenWithout || !available.minus(latency).plus(SOON).isBefore(startedAt));
            this.error = state.error();
        }

        /** The name in the configuration, or the URL if the pipeline gave one. */
        @Exported
        public String getName() {
            return name;
        }

        /** The URL of the HTTP proxy that it is read through; null if it is read itself. */
        @Exported
        public @Nullable String getProxy() {
            return proxy;
        }

        /** Returns the name of a replica, and the HTTP proxy that it is read through if there is one. */
        public static String title(Replica replica) {
            return title(replica.name(), proxy(replica));
        }

        private static String title(String name, @Nullable String proxy) {
            return proxy == null ? name : name + RepositoryLocation.THROUGH + proxy;
        }

        /** Returns the name, and the HTTP proxy that it is read through if there is one. */
        public String getTitle() {
            return title(name, proxy);
        }

        private static @Nullable String proxy(Replica replica) {
            return RepositoryLocation.Elsewhere.read(replica.location()) == null
                            && RepositoryLocation.parse(replica.location())
                                    instanceof RepositoryLocation.EachAddress each
                    ? Objects.toString(each.through(), null)
                    : null;
        }

        /** One phrase, such as {@code serves revision 6}. */
        @Exported
        public String getSummary() {
            return summary;
        }

        /** Returns true if it has what is waited for. */
        @Exported
        public boolean isCounted() {
            return counted;
        }

        /** From publication, else from the announcement, until it was seen to be readable there; null if either is unknown. */
        @Exported
        public @Nullable Long getLatencyMillis() {
            return latencyMillis;
        }

        /** Returns false if the wait began long after publication and found the revision there: it may have been there before. */
        @Exported
        public boolean isMeasured() {
            return measured;
        }

        /** The revision it served last; null if it could never be read. */
        @Exported
        public @Nullable Long getRevision() {
            return revision;
        }

        /** When it was seen to be readable there; null if it was not. */
        @Exported
        public @Nullable Date getAvailableAt() {
            return date(availableAt);
        }

        /** Why the last read failed; null if it did not. */
        @Exported
        public @Nullable String getError() {
            return error;
        }

        @Nullable
        Instant seen() {
            return instant(seenAt);
        }

        @Nullable
        Instant available() {
            return instant(availableAt);
        }
    }
}
