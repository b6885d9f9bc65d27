package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Gathers the numbers of an {@link Outcome}. */
final class OutcomeBuilder {

    private static final double NANOS_PER_MICRO = 1000;

    private final Map<String, Double> values = new LinkedHashMap<>();
    private String problem = "";

    OutcomeBuilder put(String name, double value) {
        values.put(name, value);
        return this;
    }

    OutcomeBuilder put(String name, long count) {
        return put(name, (double) count);
    }

    /** Microseconds of a histogram of nanoseconds; nothing if it is empty. */
    OutcomeBuilder putPercentiles(String name, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            put(name + "P50Micros", nanos.getValueAtPercentile(50) / NANOS_PER_MICRO);
            put(name + "P99Micros", nanos.getValueAtPercentile(99) / NANOS_PER_MICRO);
            put(name + "P999Micros", nanos.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
            put(name + "MaxMicros", nanos.getMaxValue() / NANOS_PER_MICRO);
        }
        return this;
    }

    /** The first problem counts. */
    OutcomeBuilder problem(String sentence) {
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
