package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.connection.AgentSelection;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a wait that survives a restart: what is waited for and until when, and what is known of it, in the client
 * library's JSON, so that a later version of the plugin can read it. Written by one thread at a time, read and saved by any.
 */
final class WaitState implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String onTimeout;
    private final @Nullable String server;
    private final @Nullable AgentSelection agents;
    private volatile String gate;

    /**
     * @param server as the pipeline gave it; null if it gave none
     * @param agents those that the gate's group consists of; null for replicas
     */
    WaitState(GateSnapshot snapshot, OnTimeout onTimeout, @Nullable String server, @Nullable AgentSelection agents) {
        this.gate = snapshot.toJson();
        this.agents = agents;
        this.onTimeout = onTimeout.parameter();
        this.server = server;
    }

    GateSnapshot snapshot() {
        return GateSnapshot.fromJson(gate);
    }

    void update(GateSnapshot snapshot) {
        gate = snapshot.toJson();
    }

    OnTimeout onTimeout() {
        return OnTimeout.parse(onTimeout);
    }

    /** As the pipeline gave it; null if it gave none. */
    @Nullable
    String server() {
        return server;
    }

    /** The agents to ask; null to read replicas. */
    @Nullable
    AgentSelection agents() {
        return agents;
    }

    /** The effect of a timeout on the build. */
    enum OnTimeout {
        /** The step fails. */
        FAIL,
        /** The build becomes unstable and goes on. */
        UNSTABLE,
        /** The build goes on; the step's value says that the revision was not reached. */
        CONTINUE;

        /** @throws InvalidInputException if there is no such choice */
        static OnTimeout parse(String parameter) {
            return Arrays.stream(values())
                    .filter(choice -> choice.parameter().equals(parameter))
                    .findFirst()
                    .orElseThrow(() ->
                            new InvalidInputException("onTimeout is '%s', must be 'fail', 'unstable' or 'continue'"
                                    .formatted(Excerpt.of(parameter))));
        }

        /** Returns the value that pipelines give. */
        String parameter() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
