package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The outcome of an order.
 *
 * @param values numbers by name; a name ends in its unit
 * @param problem why the numbers must not be used; empty if they may
 */
public record Outcome(Map<String, Double> values, String problem) {

    /** A number that must be there. */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the generator did not tell " + name + ": " + this);
        }
        return value;
    }

    /** Gathers the numbers of an {@link Outcome}. */
    static final class Builder {

        private static final double NANOS_PER_MICRO = 1000;

        private final Map<String, Double> values = new LinkedHashMap<>();
        private String problem = "";

        Builder put(String name, double value) {
            values.put(name, value);
            return this;
        }

        Builder put(String name, long count) {
            return put(name, (double) count);
        }

        /** Microseconds of a histogram of nanoseconds; nothing if it is empty. */
        Builder putPercentiles(String name, Histogram nanos) {
            if (nanos.getTotalCount() > 0) {
                put(name + "P50Micros", nanos.getValueAtPercentile(50) / NANOS_PER_MICRO);
                put(name + "P99Micros", nanos.getValueAtPercentile(99) / NANOS_PER_MICRO);
                put(name + "P999Micros", nanos.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
                put(name + "MaxMicros", nanos.getMaxValue() / NANOS_PER_MICRO);
            }
            return this;
        }

        /** The first problem counts. */
        Builder problem(String sentence) {
            if (problem.isEmpty()) {
                problem = sentence;
            }
            return this;
        }

        double get(String name) {
            return values.getOrDefault(name, 0.0);
        }

        Outcome build() {
            return new Outcome(Map.copyOf(values), problem);
        }
    }
}
