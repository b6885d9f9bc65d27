package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A running wait. Thread-safe; nothing blocks. */
public interface Wait {

    /**
     * Returns a new future that completes exactly once, after all lines of progress: with the report when the gate has
     * {@linkplain GateReport#outcome() ended}, whatever the outcome; exceptionally with {@code CancellationException} after {@link
     * #cancel()} or when the service is closed, or with the error that stopped the wait. To complete or cancel this future affects
     * nothing else. Its dependents run on one of the service's few threads and should not block for long.
     */
    CompletableFuture<GateReport> result();

    /** Ends the wait soon, and drops lines of progress not delivered yet. Does nothing after the end. */
    void cancel();

    /** Returns the present state; after the end, the state at the end. */
    GateReport report();

    /** Returns the present connection to the notification server; after the end, the last one; by default that there is no server. */
    default ServerLink link() {
        return new ServerLink(ServerLink.State.NONE, null);
    }

    /**
     * Tells which members of the condition's group are present now, all of them. Does not block; does nothing after the end, and must
     * not be called if the condition has no group.
     *
     * @param absent as in {@link io.jenkins.plugins.cvmfs.notify.client.gate.Condition.Group}
     */
    default void members(List<Replica> present, @Nullable String absent) {
        throw new UnsupportedOperationException("this wait has no group");
    }

    /** Returns what to save in order to {@linkplain WaitService#resume resume} after a restart. */
    GateSnapshot snapshot();
}
