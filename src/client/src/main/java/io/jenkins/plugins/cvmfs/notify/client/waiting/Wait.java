package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import java.util.concurrent.CompletableFuture;

/** One gate that waits. Any thread may call; nothing blocks. */
public interface Wait {

    /**
     * Completes exactly once: with the report when the gate has {@linkplain GateReport#outcome() ended}, whatever the outcome, or
     * with {@code CancellationException} when it was cancelled or the room closed. Each call gives a new future, so that
     * completing or cancelling it changes nothing for others.
     */
    CompletableFuture<GateReport> result();

    /** Ends the waiting, whatever is under way. Again, or after the end: does nothing. */
    void cancel();

    /** What has been found out so far, or at the end. */
    GateReport report();

    /** What to keep in order to go on after a restart. */
    GateSnapshot snapshot();
}
