package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.List;

/** How long it took to take samples, and so how long it will take. */
public final class Durations {

    /** The number of a sample that says it. */
    public static final String METRIC = "tookSeconds";

    /** Of what has never been measured. */
    private static final double USUAL_SECONDS = 18;

    private final List<Sample> samples;

    public Durations(List<Sample> samples) {
        this.samples = samples;
    }

    /** Seconds for one sample, the median of those there are. */
    public double of(String scenario, String server, String kind, int size) {
        double median = Median.of(samples.stream()
                .filter(sample -> sample.counts()
                        && new Side(scenario, kind, server, size, METRIC).isOf(sample)
                        && sample.values().containsKey(METRIC))
                .mapToDouble(sample -> sample.values().get(METRIC))
                .toArray());
        return Double.isNaN(median) ? USUAL_SECONDS : median;
    }
}
