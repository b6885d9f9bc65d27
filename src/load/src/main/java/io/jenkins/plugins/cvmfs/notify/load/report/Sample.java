package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.Map;

/**
 * One server measured once.
 *
 * @param scenario what was measured
 * @param server which server
 * @param durability what became of a message before its publish was answered
 * @param kind the kind of subscribers
 * @param size how many of them, or of whatever else the scenario counts
 * @param repetition the same for all servers that were measured one after the other
 * @param conditions processor, kernel, JVM and its flags, load of the machine
 * @param values numbers by name; a name ends in its unit
 * @param problem why it does not count; empty if it does
 */
public record Sample(
        String scenario,
        String server,
        String durability,
        String kind,
        int size,
        String repetition,
        Map<String, String> conditions,
        Map<String, Double> values,
        String problem) {

    public boolean counts() {
        return problem.isEmpty();
    }

    /** Whether the two differ only in the repetition, or not at all. */
    public boolean isOfSameSeries(Sample other) {
        return isComparableTo(other) && server.equals(other.server) && durability.equals(other.durability);
    }

    /** Whether the two differ only in the server and the repetition. */
    public boolean isComparableTo(Sample other) {
        return scenario.equals(other.scenario) && kind.equals(other.kind) && size == other.size;
    }

    /** The same, not to be counted. */
    public Sample discarded(String why) {
        return new Sample(scenario, server, durability, kind, size, repetition, conditions, values, why);
    }
}
