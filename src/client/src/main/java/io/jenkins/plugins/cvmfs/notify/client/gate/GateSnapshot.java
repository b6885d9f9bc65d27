package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that must be kept of a gate to go on waiting after a restart: values only, and a {@linkplain #toJson text} that holds
 * them.
 *
 * @param condition what is waited for, with what was learnt of it since
 * @param startedAt when the gate was first opened
 * @param heard the newest announcement that would meet the target; null if none came
 * @param replicas one per replica of the condition, in its order
 */
public record GateSnapshot(
        Condition condition, Instant startedAt, @Nullable Heard heard, List<ReplicaState> replicas) {

    /** Copies the list. */
    public GateSnapshot {
        replicas = List.copyOf(replicas);
    }

    /** What is known at the beginning: nothing. */
    public static GateSnapshot start(Condition condition, Instant now) {
        return new GateSnapshot(
                condition,
                now,
                null,
                condition.replicas().stream().map(ReplicaState::unread).toList());
    }

    /** The same, to be shown; without an outcome, because what is kept has not ended. */
    public GateReport report(Instant now) {
        return GateReport.of(this, null, now);
    }

    /** One line of JSON, to be read by this version or a later one. */
    public String toJson() {
        return GateSnapshotJson.write(this);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the text is anything else
     */
    public static GateSnapshot fromJson(String json) {
        return SnapshotReader.read(json);
    }
}
