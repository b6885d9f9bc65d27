package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadManifest;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadSnapshotTime;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Request;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.SeekRootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Failed;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ManifestRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.RootCatalogSought;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.SnapshotTimeRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One replica as its gate watches it: looks at it now and then, each look being one to three questions, one after the other:
 * the manifest; if that meets the target, the root catalog; if the replica is behind, its last snapshot.
 */
final class ReplicaWatch {

    private sealed interface Phase {

        /** Until the next look. */
        record Resting(Instant until) implements Phase {}

        /** A question is to be asked. */
        record Ready(Request request) implements Phase {}

        /** A question was asked. */
        record Asking(Request request) implements Phase {}
    }

    private final PollTimes times;
    private ReplicaState state;
    private ReplicaState told;
    private Phase phase;
    private @Nullable Instant wokenFor;
    private @Nullable Instant lastRead;
    private @Nullable Instant lastSnapshotQuestion;
    private int fruitless;
    private boolean looked;

    ReplicaWatch(ReplicaState known, PollTimes times, Instant firstLook) {
        this.times = times;
        this.state = known;
        this.told = known;
        this.phase = new Phase.Resting(firstLook);
    }

    ReplicaState state() {
        return state;
    }

    /** Whether a look has been finished since this object was made. */
    boolean hasLooked() {
        return looked;
    }

    boolean awaits(Answer answer) {
        return phase instanceof Phase.Asking asking && asking.request().isAnsweredBy(answer);
    }

    /** The question to be asked now, which thereby counts as asked; null if there is none. */
    @Nullable
    Request ask(Instant now) {
        if (phase instanceof Phase.Resting resting
                && (!resting.until().isAfter(now) || times.isOutOfReach(resting.until(), now))) {
            beginLook(now);
        }
        if (phase instanceof Phase.Ready ready) {
            phase = new Phase.Asking(ready.request());
            return ready.request();
        }
        return null;
    }

    private void beginLook(Instant now) {
        lastRead = now;
        phase = new Phase.Ready(new ReadManifest(state.replica()));
    }

    /** Somebody else's read begins: looks now if more than half of the pause is over, so that it is never more than twice as often. */
    void join(Instant now) {
        if (phase instanceof Phase.Resting resting
                && (lastRead == null
                        || Duration.between(lastRead, now).compareTo(Duration.between(now, resting.until())) > 0)) {
            beginLook(now);
        }
    }

    /** When {@link #ask} will have something next; null if an answer must come first. */
    @Nullable
    Instant nextQuestion() {
        return phase instanceof Phase.Resting resting ? resting.until() : null;
    }

    /** Look again at that instant or soon after, if nothing sooner is planned. An answer that is under way does not do. */
    void wake(Instant at) {
        if (phase instanceof Phase.Resting resting) {
            Instant possible = withGap(at);
            phase = new Phase.Resting(possible.isBefore(resting.until()) ? possible : resting.until());
        } else if (wokenFor == null || at.isBefore(wokenFor)) {
            wokenFor = at;
        }
    }

    /** There is news: whatever was in vain before does not matter any more. */
    void hurry(Instant at) {
        fruitless = 0;
        wake(at);
    }

    /**
     * Takes the answer awaited.
     *
     * @param outlook what the gate knows beyond this replica
     */
    void take(Answer answer, Outlook outlook, Instant now) {
        if (answer instanceof ManifestRead read) {
            state = state.read(read.publication(), outlook.target().isMetBy(read.publication()), now);
        } else if (answer instanceof RootCatalogSought sought) {
            state = state.sought(sought.present(), now);
        } else if (answer instanceof SnapshotTimeRead snapshot) {
            state = state.snapshotAt(snapshot.at());
        } else if (answer instanceof Failed failed && !isAsking(ReadSnapshotTime.class)) {
            state = state.failed(failed.problem());
        }
        Request next = answer instanceof Failed ? null : nextRequest(outlook, now);
        if (next == null) {
            rest(outlook, now);
        } else {
            phase = new Phase.Ready(next);
        }
    }

    /** One line on what the look that has just ended changed; null if it changed nothing, or goes on. */
    @Nullable
    String news(Condition condition) {
        if (!(phase instanceof Phase.Resting)) {
            return null;
        }
        String line = Wording.change(told, state, condition);
        told = state;
        return line;
    }

    private @Nullable Request nextRequest(Outlook outlook, Instant now) {
        ManifestSummary served = state.served();
        if (isAsking(ReadManifest.class)
                && served != null
                && state.seenAt() != null
                && state.rootCatalog() != RootCatalog.PRESENT) {
            return new SeekRootCatalog(state.replica(), served.rootHash());
        }
        if (outlook.exists() && !state.counts() && !isAsking(ReadSnapshotTime.class) && isSnapshotOfInterest(now)) {
            lastSnapshotQuestion = now;
            return new ReadSnapshotTime(state.replica());
        }
        return null;
    }

    private boolean isSnapshotOfInterest(Instant now) {
        return lastSnapshotQuestion == null || times.isLongAgo(lastSnapshotQuestion, now);
    }

    private boolean isAsking(Class<? extends Request> kind) {
        return phase instanceof Phase.Asking asking && kind.isInstance(asking.request());
    }

    private void rest(Outlook outlook, Instant now) {
        looked = true;
        boolean inVain = state.error() != null || (outlook.exists() && !state.counts());
        fruitless = inVain ? fruitless + 1 : 0;
        Instant woken = wokenFor;
        phase = new Phase.Resting(times.next(now, outlook.hears() || state.counts(), fruitless));
        wokenFor = null;
        if (woken != null) {
            wake(woken);
        }
    }

    private Instant withGap(Instant at) {
        Instant possible = lastRead == null ? at : times.afterGap(lastRead);
        return possible.isAfter(at) ? possible : at;
    }
}
