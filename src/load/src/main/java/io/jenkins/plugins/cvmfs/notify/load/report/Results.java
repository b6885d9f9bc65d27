package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** What the samples that count come to. */
public final class Results {

    private final List<Sample> samples;

    public Results(List<Sample> all) {
        this.samples = all.stream().filter(Sample::counts).toList();
    }

    /** One sample of each series, the smaller sizes first. */
    List<Sample> series() {
        List<Sample> first = new ArrayList<>();
        for (Sample sample : samples) {
            if (first.stream().noneMatch(sample::isOfSameSeries)) {
                first.add(sample);
            }
        }
        first.sort(Comparator.comparingInt(Sample::size).thenComparing(Sample::server));
        return first;
    }

    /** How often a series was measured. */
    long repetitions(Sample series) {
        return samples.stream().filter(series::isOfSameSeries).count();
    }

    /** The middle of a number over the repetitions; empty if it was not measured. */
    OptionalDouble median(Sample series, String metric) {
        return middle(samples.stream().filter(series::isOfSameSeries).flatMap(sample -> value(sample, metric)));
    }

    /** The middle of the ratios to another server, each taken within one repetition. */
    OptionalDouble ratio(Sample series, String otherServer, String metric) {
        return middle(samples.stream()
                .filter(series::isOfSameSeries)
                .flatMap(sample -> value(sample, metric)
                        .flatMap(own -> samples.stream()
                                .filter(other -> other.isComparableTo(sample)
                                        && other.server().equals(otherServer)
                                        && other.repetition().equals(sample.repetition()))
                                .flatMap(other -> value(other, metric))
                                .map(theirs -> own / theirs))));
    }

    private static Stream<Double> value(Sample sample, String metric) {
        return Stream.ofNullable(sample.values().get(metric));
    }

    private static OptionalDouble middle(Stream<Double> values) {
        double[] all = values.mapToDouble(Double::doubleValue).toArray();
        return all.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Median.of(all));
    }
}
