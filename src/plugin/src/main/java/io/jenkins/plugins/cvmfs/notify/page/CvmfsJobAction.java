package io.jenkins.plugins.cvmfs.notify.page;

import hudson.Extension;
import hudson.model.Action;
import hudson.model.Api;
import hudson.model.Job;
import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord.ReplicaRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import jenkins.model.TransientActionFactory;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * A part of the page of a job: how long propagation took in its last builds, for each replica. Computed whenever it is shown, from
 * what the last {@value #LAST_BUILDS} builds keep.
 */
@ExportedBean
public final class CvmfsJobAction implements Action {

    /** The look-back, whatever the builds did. */
    static final int LAST_BUILDS = 30;

    private final Job<?, ?> job;

    CvmfsJobAction(Job<?, ?> job) {
        this.job = job;
    }

    /** The look-back, in builds. */
    @Exported
    public int getLastBuilds() {
        return LAST_BUILDS;
    }

    /** One for each repository and replica, in the order of the newest build. */
    @Exported
    public List<Propagation> getReplicas() {
        Map<List<String>, List<Sample>> samples = new LinkedHashMap<>();
        Run<?, ?> build = job.getLastBuild();
        for (int count = 0; build != null && count < LAST_BUILDS; count++) {
            CvmfsBuildAction action = build.getAction(CvmfsBuildAction.class);
            if (action != null) {
                collect(build.getNumber(), action, samples);
            }
            build = build.getPreviousBuild();
        }
        return samples.entrySet().stream()
                .map(entry ->
                        new Propagation(entry.getKey().get(0), entry.getKey().get(1), entry.getValue()))
                .toList();
    }

    private static void collect(int number, CvmfsBuildAction action, Map<List<String>, List<Sample>> samples) {
        for (WaitRecord wait : action.getWaits()) {
            for (ReplicaRecord replica : wait.getReplicas()) {
                Long millis = replica.getLatencyMillis();
                if (replica.isMeasured() && millis != null) {
                    samples.computeIfAbsent(
                                    List.of(String.valueOf(wait.getRepository()), replica.getName()),
                                    key -> new ArrayList<>())
                            .add(new Sample(number, millis));
                }
            }
        }
    }

    /** For {@code /api/json}. */
    public Api getApi() {
        return new Api(this);
    }

    @Override
    public @Nullable String getIconFileName() {
        return null;
    }

    @Override
    public String getDisplayName() {
        return "CVMFS";
    }

    @Override
    public String getUrlName() {
        return "cvmfs";
    }

    /** The latency of a replica in one build. */
    private record Sample(int build, long millis) {}

    /** The times until one replica had new revisions. Immutable. */
    @ExportedBean(defaultVisibility = 2)
    public static final class Propagation {

        private final String repository;
        private final String replica;
        private final List<Sample> samples;
        private final List<Long> sorted;

        private Propagation(String repository, String replica, List<Sample> samples) {
            this.repository = repository;
            this.replica = replica;
            this.samples = samples;
            this.sorted = samples.stream().map(Sample::millis).sorted().toList();
        }

        @Exported
        public String getRepository() {
            return repository;
        }

        @Exported
        public String getReplica() {
            return replica;
        }

        /** Returns the number of waits it was measured in. */
        @Exported
        public int getCount() {
            return samples.size();
        }

        @Exported
        public long getMedianMillis() {
            int middle = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        }

        @Exported
        public long getWorstMillis() {
            return sorted.get(sorted.size() - 1);
        }

        @Exported
        public long getLastMillis() {
            return samples.get(0).millis();
        }

        /** The newest build in which it took longest. */
        @Exported
        public int getWorstBuild() {
            return samples.stream()
                    .filter(sample -> sample.millis() == getWorstMillis())
                    .findFirst()
                    .orElseThrow()
                    .build();
        }

        public String getMedian() {
            return text(getMedianMillis());
        }

        public String getWorst() {
            return text(getWorstMillis());
        }

        public String getLast() {
            return text(getLastMillis());
        }

        private static String text(long millis) {
            return GateReport.text(Duration.ofMillis(millis));
        }
    }

    /** Adds the part to jobs whose last builds announced or waited. */
    @Extension
    @SuppressWarnings("rawtypes") // type() can only return a raw class.
    public static final class Factory extends TransientActionFactory<Job> {

        @Override
        public Class<Job> type() {
            return Job.class;
        }

        /** Called often: looks only at builds that Jenkins has at hand. */
        @Override
        public Collection<? extends Action> createFor(Job target) {
            Job<?, ?> job = target;
            boolean uses = Stream.of(job.getLastBuild(), job.getLastCompletedBuild(), job.getLastSuccessfulBuild())
                    .filter(Objects::nonNull)
                    .anyMatch(build -> build.getAction(CvmfsBuildAction.class) != null);
            return uses ? List.of(new CvmfsJobAction(job)) : List.of();
        }
    }
}
