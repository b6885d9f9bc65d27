package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.CheckRootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadManifest;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadSnapshotTime;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Failed;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ManifestRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.RootCatalogChecked;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.SnapshotTimeRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a gate. It is checked again and again; a check asks up to three questions, one after the other: the manifest;
 * if that meets the target, the root catalog; if the replica is behind, the time of its last snapshot.
 */
final class ReplicaWatch {

    /**
     * The knowledge of the gate beyond this replica.
     *
     * @param exists true if the target is known to be published, so that a replica without it is behind
     * @param connected true if announcements can arrive
     */
    record Context(Target target, boolean exists, boolean connected) {}

    private sealed interface Phase {

        /** Until the next check. */
        record Resting(Instant until) implements Phase {}

        /** The question is to be asked. */
        record Ready(Question question) implements Phase {}

        /** The question is asked and not answered yet. */
        record Asking(Question question) implements Phase {}
    }

    /** A mount costs nothing to read, so it is read again after 2 s and 4 s, and no pause is longer. */
    private static final int MOST_MISSES_OF_A_MOUNT = 2;
    /** Another machine is asked again after 2, 4, 8 and 16 s: its client may find a revision at any time. */
    private static final int MOST_MISSES_ELSEWHERE = 4;

    private final PollSchedule.Times times;
    private ReplicaState state;
    private ReplicaState reported;
    private Phase phase;
    private @Nullable Instant wakeAt;
    private @Nullable Instant lastRead;
    private @Nullable Instant lastSnapshotRead;
    private int misses;
    private boolean checked;

    ReplicaWatch(ReplicaState known, PollSchedule.Times times, Instant firstCheck) {
        this.times = times;
        this.state = known;
        this.reported = known;
        this.phase = new Phase.Resting(firstCheck);
    }

    ReplicaState state() {
        return state;
    }

    /** Returns true once a check has ended since this object was made. */
    boolean isChecked() {
        return checked;
    }

    boolean awaits(Question question) {
        return phase instanceof Phase.Asking asking && asking.question().equals(question);
    }

    /** Returns the question to ask now, and marks it as asked; null if there is none. */
    @Nullable
    Question ask(Instant now) {
        if (phase instanceof Phase.Resting resting
                && (!resting.until().isAfter(now) || times.isUnreachable(resting.until(), now))) {
            beginCheck(now);
        }
        if (phase instanceof Phase.Ready ready) {
            phase = new Phase.Asking(ready.question());
            return ready.question();
        }
        return null;
    }

    private void beginCheck(Instant now) {
        lastRead = now;
        phase = new Phase.Ready(new ReadManifest());
    }

    /** Checks now, with a read of another gate, if more than half of the pause is over: at most twice as often as planned. */
    void join(Instant now) {
        if (phase instanceof Phase.Resting resting
                && (lastRead == null
                        || Duration.between(lastRead, now).compareTo(Duration.between(now, resting.until())) > 0)) {
            beginCheck(now);
        }
    }

    /** Returns the time of the next check; null while an answer is outstanding. */
    @Nullable
    Instant nextCheck() {
        return phase instanceof Phase.Resting resting ? resting.until() : null;
    }

    /** Checks at this instant or soon after, unless a check is due earlier. A check that has begun already is not enough. */
    void wake(Instant at) {
        if (phase instanceof Phase.Resting resting) {
            Instant earliest = lastRead == null ? at : times.notBefore(lastRead);
            Instant next = earliest.isAfter(at) ? earliest : at;
            phase = new Phase.Resting(next.isBefore(resting.until()) ? next : resting.until());
        } else if (wakeAt == null || at.isBefore(wakeAt)) {
            wakeAt = at;
        }
    }

    /** As {@link #wake}, and the pauses begin with the shortest again. */
    void wakeAfresh(Instant at) {
        misses = 0;
        wake(at);
    }

    /** Takes the answer to the outstanding question. */
    void take(Answer answer, Context context, Instant now) {
        if (answer instanceof ManifestRead read) {
            state = state.read(read.manifest(), read.note(), context.target().isMetBy(read.manifest()), now);
        } else if (answer instanceof RootCatalogChecked catalog) {
            state = state.rootCatalogChecked(catalog.present(), catalog.note(), now);
        } else if (answer instanceof SnapshotTimeRead snapshot) {
            state = state.snapshotAt(snapshot.at());
        } else if (answer instanceof Failed failed && !isAsking(ReadSnapshotTime.class)) {
            state = state.failed(failed.problem());
        }
        Question next = answer instanceof Failed ? null : nextQuestion(context, now);
        if (next == null) {
            rest(context, now);
        } else {
            phase = new Phase.Ready(next);
        }
    }

    /** Returns the line on what the check that has just ended changed; null if nothing, or if the check goes on. */
    @Nullable
    String changeLine(Condition condition) {
        if (!(phase instanceof Phase.Resting)) {
            return null;
        }
        String line = GateReport.changeLine(reported, state, condition);
        reported = state;
        return line;
    }

    private @Nullable Question nextQuestion(Context context, Instant now) {
        ManifestSummary served = state.served();
        if (isAsking(ReadManifest.class)
                && served != null
                && state.seenAt() != null
                && state.rootCatalog() != RootCatalog.PRESENT) {
            return new CheckRootCatalog(served.toldRootHash().orElse(null));
        }
        if (isBehind(context)
                && !state.replica().isMounted()
                && !isAsking(ReadSnapshotTime.class)
                && (lastSnapshotRead == null || times.isIntervalOver(lastSnapshotRead, now))) {
            lastSnapshotRead = now;
            return new ReadSnapshotTime();
        }
        return null;
    }

    private boolean isBehind(Context context) {
        return context.exists() && !state.counts();
    }

    private boolean isAsking(Class<? extends Question> kind) {
        return phase instanceof Phase.Asking asking && kind.isInstance(asking.question());
    }

    private void rest(Context context, Instant now) {
        checked = true;
        misses = state.error() != null || isBehind(context) ? misses + 1 : 0;
        if (state.replica().isMounted()) {
            int most = state.replica().isElsewhere() ? MOST_MISSES_ELSEWHERE : MOST_MISSES_OF_A_MOUNT;
            misses = state.counts() ? 0 : Math.min(misses + 1, most);
        }
        phase = new Phase.Resting(times.next(now, context.connected() || state.counts(), misses));
        Instant woken = wakeAt;
        wakeAt = null;
        if (woken != null) {
            wake(woken);
        }
    }
}
