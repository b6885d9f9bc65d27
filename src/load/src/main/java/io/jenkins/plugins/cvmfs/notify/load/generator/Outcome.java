package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.util.Map;

/**
 * What came of an order.
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
}
