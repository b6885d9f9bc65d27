package io.jenkins.plugins.cvmfs.notify.client.gate;

/** How a gate ended. */
public enum GateOutcome {
    /** Enough replicas serve the target. */
    REACHED,
    /** The deadline passed first. */
    TIMED_OUT,
    /** The target was rolled back, and the {@link StalePolicy} says not to wait on. */
    STALE
}
