package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * All of a wait that survives a restart: what is waited for until when, and what is known of it, in the library's own text form,
 * so that a later version of the plugin can read it. Written by one thread at a time, read and saved by any.
 */
final class WaitState implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String onTimeout;
    private final @Nullable String server;
    private volatile String gate;

    /** @param server what the pipeline gave; null if nothing */
    WaitState(GateSnapshot snapshot, OnTimeout onTimeout, @Nullable String server) {
        this.gate = snapshot.toJson();
        this.onTimeout = onTimeout.word();
        this.server = server;
    }

    /** What is known. */
    GateSnapshot snapshot() {
        return GateSnapshot.fromJson(gate);
    }

    /** Replaces what is known. */
    void learn(GateSnapshot snapshot) {
        gate = snapshot.toJson();
    }

    OnTimeout onTimeout() {
        return OnTimeout.parse(onTimeout);
    }

    /** What the pipeline gave; null if nothing. */
    @Nullable
    String server() {
        return server;
    }
}
