package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;

/** Medians and ratios of the samples that count. */
public final class Results {

    private final List<Sample> samples;

    public Results(List<Sample> all) {
        this.samples = all.stream().filter(Sample::counts).toList();
    }

    /** Returns the number of samples of a side. */
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

    /** Formats a number for a table; empty for none. */
    static String number(OptionalDouble value) {
        if (value.isEmpty()) {
            return "";
        }
        double number = value.getAsDouble();
        return number >= 100 ? "%,.0f".formatted(number) : "%.2f".formatted(number);
    }

    private static Stream<Double> value(Sample sample, String metric) {
        return Stream.ofNullable(sample.values().get(metric));
    }

    private static OptionalDouble middle(Stream<Double> values) {
        double[] all = values.mapToDouble(Double::doubleValue).toArray();
        return all.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(all));
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

        Side of(String otherServer) {
            return new Side(scenario, kind, otherServer, size, metric);
        }

        Side at(int otherSize) {
            return new Side(scenario, kind, server, otherSize, metric);
        }

        Side to(String otherKind) {
            return new Side(scenario, otherKind, server, size, metric);
        }

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

        /** The same of a side that this one is compared with: where it differs. */
        String differenceTo(Side own) {
            List<String> parts = new ArrayList<>();
            if (!server.equals(own.server)) {
                parts.add(server);
            }
            if (!kind.equals(own.kind)) {
                parts.add(lowerCase(kind));
            }
            if (size != own.size) {
                parts.add("%,d".formatted(size));
            }
            return String.join(", ", parts);
        }

        private static String lowerCase(String kind) {
            return kind.toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}
