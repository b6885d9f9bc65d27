package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The outcome of an order.
 *
 * @param values numbers by name; a name ends in its unit
 * @param problem why the numbers must not be used; empty if they may
 */
public record Outcome(Map<String, Double> values, String problem) {

    private static final double NANOS_PER_MICRO = 1000;

    /** A number that must be there. */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the generator did not tell " + name + ": " + this);
        }
        return value;
    }

    /** Adds microseconds of a histogram of nanoseconds; nothing if it is empty. */
    public static void putPercentiles(Map<String, Double> to, String name, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            to.put(name + "P50Micros", nanos.getValueAtPercentile(50) / NANOS_PER_MICRO);
            to.put(name + "P99Micros", nanos.getValueAtPercentile(99) / NANOS_PER_MICRO);
            to.put(name + "P999Micros", nanos.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
            to.put(name + "MaxMicros", nanos.getMaxValue() / NANOS_PER_MICRO);
        }
    }
}
