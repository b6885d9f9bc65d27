package io.jenkins.plugins.cvmfs.notify.load;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;

/** Medians and ratios of the samples that count. */
public final class Results {

    private final List<Sample> samples;

    public Results(List<Sample> all) {
        this.samples = all.stream().filter(Sample::counts).toList();
    }

    double[] values(Side side) {
        return samples.stream()
                .filter(side::isOf)
                .flatMap(sample -> value(sample, side.metric()))
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Returns the comparison of two numbers in each repetition that has both. */
    double[] compared(Side own, Side other, DoubleBinaryOperator comparison) {
        return samples.stream()
                .filter(own::isOf)
                .flatMap(sample -> value(sample, own.metric())
                        .flatMap(mine -> samples.stream()
                                .filter(candidate -> other.isOf(candidate)
                                        && candidate.repetition().equals(sample.repetition()))
                                .flatMap(candidate -> value(candidate, other.metric()))
                                .map(theirs -> comparison.applyAsDouble(mine, theirs))))
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Returns the median, NaN of no values. */
    public static double median(double... values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Formats a number for a table; empty for NaN. */
    static String number(double number) {
        if (Double.isNaN(number)) {
            return "";
        }
        return number >= 100 ? "%,.0f".formatted(number) : "%.2f".formatted(number);
    }

    static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Stream<Double> value(Sample sample, String metric) {
        return Stream.ofNullable(sample.values().get(metric));
    }

    /**
     * One number of one server.
     *
     * @param scenario where it is measured
     * @param kind the kind of subscribers
     * @param server whose
     * @param size how many subscribers, or whatever else the scenario counts
     * @param metric the number
     */
    record Side(String scenario, String kind, String server, int size, String metric) {

        boolean isOf(Sample sample) {
            return sample.scenario().equals(scenario)
                    && sample.kind().equals(kind)
                    && sample.server().equals(server)
                    && sample.size() == size;
        }

        /** Returns the text of a goal's first column. */
        String describe() {
            return "%s, %s, %s, %,d: %s".formatted(scenario, server, lowerCase(kind), size, metric);
        }
    }
}
