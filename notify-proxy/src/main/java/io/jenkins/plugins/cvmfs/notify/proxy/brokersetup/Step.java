package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

/**
 * One line of a report.
 *
 * @param kind what it is about, in the words of the management API: {@code vhost}, {@code user}, {@code permission}, {@code
 *     exchange}, {@code queue}, {@code policy}
 * @param name its name
 * @param outcome what became of it
 * @param detail how it was different; empty if there is nothing to say
 */
public record Step(String kind, String name, StepOutcome outcome, String detail) {}
