package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import java.util.List;

/**
 * What was done.
 *
 * @param version the broker's
 * @param steps everything that was looked at, in order
 * @param notes sentences about what works but deserves a look
 */
public record SetupReport(String version, List<Step> steps, List<String> notes) {

    public SetupReport {
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /** Whether something is in the way that RabbitMQ cannot change. */
    public boolean hasConflict() {
        return steps.stream().anyMatch(step -> step.outcome() == StepOutcome.CONFLICT);
    }

    /** How many things had this outcome. */
    public long count(StepOutcome outcome) {
        return steps.stream().filter(step -> step.outcome() == outcome).count();
    }
}
