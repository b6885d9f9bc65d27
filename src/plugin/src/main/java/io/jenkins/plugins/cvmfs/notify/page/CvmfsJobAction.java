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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
            if (wait.isOfAgents()) {
                // They come and go, and are too many.
                continue;
            }
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

    /** The latency of a replica in one wait. Immutable. */
    @ExportedBean(defaultVisibility = 3)
    public static final class Sample {

        private final int build;
        private final long millis;

        Sample(int build, long millis) {
            this.build = build;
            this.millis = millis;
        }

        /** The number of the build. */
        @Exported
        public int getBuild() {
            return build;
        }

        @Exported
        public long getMillis() {
            return millis;
        }
    }

    /**
     * One build in the chart of a replica. Heights are in pixels, of {@value Propagation#HEIGHT}, positions in percent of the width.
     *
     * @param middle the middle of its bar
     * @param top the upper end of its bar
     * @param worst true if it is the build that took longest
     * @param cut true if it took longer than the bar shows
     * @param label the bar in words
     */
    public record Bar(
            String left, String middle, String width, int top, int height, boolean worst, boolean cut, String label) {}

    /** The times until one replica had new revisions, as numbers and as a chart with a bar for each build. Immutable. */
    @ExportedBean(defaultVisibility = 2)
    public static final class Propagation {

        static final int HEIGHT = 40;
        /** The room above the longest bar for the mark of the worst. */
        private static final int MARK = 8;
        /** Bars of a few builds are not wider than this part of the width, in percent. */
        private static final double WIDEST_SLOT = 10;
        /** A build that took more medians than this is cut, so that one exception does not hide the differences of the others. */
        private static final int MEDIANS_DRAWN = 4;

        private final String repository;
        private final String replica;
        private final List<Sample> samples;
        private final List<Long> sorted;

        /** @param samples the newest first */
        Propagation(String repository, String replica, List<Sample> samples) {
            this.repository = repository;
            this.replica = replica;
            this.samples = samples;
            this.sorted = samples.stream().map(Sample::getMillis).sorted().toList();
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
            return samples.get(0).getMillis();
        }

        /** The newest build in which it took longest. */
        @Exported
        public int getWorstBuild() {
            return samples.stream()
                    .filter(sample -> sample.getMillis() == getWorstMillis())
                    .findFirst()
                    .orElseThrow()
                    .getBuild();
        }

        /** One for each wait, the newest first. */
        @Exported
        public List<Sample> getSamples() {
            return List.copyOf(samples);
        }

        /** The chart: the longest time of each build, the oldest first. The worst has the full height, and what is cut. */
        public List<Bar> getBars() {
            TreeMap<Integer, Long> builds = new TreeMap<>();
            samples.forEach(sample -> builds.merge(sample.getBuild(), sample.getMillis(), Math::max));
            double slot = Math.min(WIDEST_SLOT, 100.0 / builds.size());
            List<Bar> bars = new ArrayList<>();
            builds.forEach((build, millis) -> {
                double left = bars.size() * slot;
                int top = top(millis);
                bars.add(new Bar(
                        percent(left + 0.15 * slot),
                        percent(left + 0.5 * slot),
                        percent(0.7 * slot),
                        top,
                        HEIGHT - top,
                        build == getWorstBuild(),
                        millis > drawnMillis(),
                        "#%d: %s".formatted(build, text(millis))));
            });
            return bars;
        }

        /** Returns the time that has the full height. */
        private long drawnMillis() {
            long median = getMedianMillis();
            return median == 0 ? getWorstMillis() : Math.min(getWorstMillis(), MEDIANS_DRAWN * median);
        }

        private int top(long millis) {
            long full = drawnMillis();
            double part = full == 0 ? 0 : Math.min(1, (double) millis / full);
            return HEIGHT - Math.max(1, (int) Math.round(part * (HEIGHT - MARK)));
        }

        private static String percent(double part) {
            return String.format(Locale.ROOT, "%.2f%%", part);
        }

        /** Where the chart's line for the median is. */
        public int getMedianTop() {
            return top(getMedianMillis());
        }

        /** Returns the chart in words. */
        public String getLabel() {
            return "%s, %s, the oldest build first: median %s, worst %s in build %d, last %s"
                    .formatted(repository, replica, getMedian(), getWorst(), getWorstBuild(), getLast());
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
