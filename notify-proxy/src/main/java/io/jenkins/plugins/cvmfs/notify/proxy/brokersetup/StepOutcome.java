package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

/** What became, or in a dry run would become, of one thing. */
public enum StepOutcome {
    /** It was not there. */
    CREATED,
    /** It was there, but different. */
    CHANGED,
    /** It was right already. */
    UNCHANGED,
    /** It is there, different, and RabbitMQ cannot change it: someone has to delete it first. */
    CONFLICT
}
