package io.jenkins.plugins.cvmfs.notify.client.gate;

/** How a gate ended. */
public enum GateOutcome {
    /** Enough replicas serve what was waited for. */
    REACHED,
    /** The deadline came first. */
    TIMED_OUT,
    /** The target was withdrawn, and the {@link StalePolicy} is not to wait on. */
    STALE
}
