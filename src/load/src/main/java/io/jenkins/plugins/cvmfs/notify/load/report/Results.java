package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
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

    /** How often a side was measured. */
    long count(Side side) {
        return samples.stream().filter(side::isOf).count();
    }

    OptionalDouble median(Side side) {
        return middle(samples.stream().filter(side::isOf).flatMap(sample -> value(sample, side.metric())));
    }

    /** The middle of what two numbers of one repetition come to. */
    OptionalDouble middleOf(Side own, Side other, DoubleBinaryOperator comparison) {
        return middle(samples.stream()
                .filter(own::isOf)
                .flatMap(sample -> value(sample, own.metric())
                        .flatMap(mine -> samples.stream()
                                .filter(candidate -> other.isOf(candidate)
                                        && candidate.repetition().equals(sample.repetition()))
                                .flatMap(candidate -> value(candidate, other.metric()))
                                .map(theirs -> comparison.applyAsDouble(mine, theirs)))));
    }

    private static Stream<Double> value(Sample sample, String metric) {
        return Stream.ofNullable(sample.values().get(metric));
    }

    private static OptionalDouble middle(Stream<Double> values) {
        double[] all = values.mapToDouble(Double::doubleValue).toArray();
        return all.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(Median.of(all));
    }
}
