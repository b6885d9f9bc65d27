package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Announced;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Disconnected;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ManifestRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ReadBegins;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until enough replicas serve what is waited for. It does nothing by itself: whoever drives it {@linkplain #take tells}
 * it what happens and lets it {@linkplain #advance say} what to do next, and does that.
 *
 * <p>Replicas are the truth, announcements are hints. The gate opens only when enough replicas, by the last answer of each,
 * serve a manifest that meets the target and have its root catalog. An announcement makes it look sooner, nothing else; without
 * any it looks now and then. A replica that went back counts no longer; one that cannot be read for the moment keeps what it
 * last showed.
 *
 * <p>It ends at the deadline at the latest, whatever is being read then: at that very instant it is too late. Only a gate that is
 * resumed, or opened at or after its deadline, may finish its first look at each replica until {@link PollSchedule#lastLook()} after
 * that, because the revision may have come while nobody was watching.
 *
 * <p>Not safe for use by several threads at a time. All instants come from the caller; they may jump back.
 */
public final class Gate {

    /** How long after its start a gate is fresh. No process restarts that fast, but a gate is not opened at once either. */
    static final Duration FRESH = Duration.ofSeconds(5);

    private enum Link {
        UNTRIED,
        UP,
        DOWN,
        REFUSED
    }

    private final Instant startedAt;
    private final Instant end;
    private final PollTimes times;
    private final Map<Replica, ReplicaWatch> watches = new LinkedHashMap<>();
    private final List<GateAction> pending = new ArrayList<>();

    private Condition condition;
    private @Nullable Heard heard;
    private @Nullable ManifestSummary retreat;
    private Link link = Link.UNTRIED;
    private @Nullable GateOutcome outcome;

    private Gate(GateSnapshot known, boolean subscribes, PollSchedule pacing, RandomGenerator random, Instant now) {
        this.condition = known.condition();
        this.startedAt = known.startedAt();
        this.heard = known.heard();
        this.times = new PollTimes(pacing, random, condition.deadline());
        this.end = endOf(known, pacing, now);
        Instant firstLook = times.first(now, subscribes);
        for (ReplicaState state : known.replicas()) {
            watches.put(state.replica(), new ReplicaWatch(state, times, firstLook));
        }
        tell("waiting for " + condition + " until " + condition.deadline().truncatedTo(ChronoUnit.SECONDS));
        if (subscribes) {
            pending.add(new GateAction.Subscribe());
        }
    }

    private static Instant endOf(GateSnapshot known, PollSchedule pacing, Instant now) {
        Instant deadline = known.condition().deadline();
        boolean isFresh = !known.startedAt().isBefore(now.minus(FRESH));
        Instant lastLook = now.plus(pacing.lastLook());
        return (isFresh && now.isBefore(deadline)) || lastLook.isBefore(deadline) ? deadline : lastLook;
    }

    /**
     * Begins to wait.
     *
     * @param subscribes whether there is a notification server to subscribe to; if not, the gate only reads the replicas
     * @param random varies the pauses
     */
    public static Gate open(
            Condition condition, boolean subscribes, PollSchedule pacing, RandomGenerator random, Instant now) {
        return resume(GateSnapshot.start(condition, now), subscribes, pacing, random, now);
    }

    /**
     * Goes on from what was known. Every replica is looked at anew before it counts; one that cannot be read keeps what it last
     * showed.
     *
     * @param subscribes whether there is a notification server to subscribe to; if not, the gate only reads the replicas
     * @param random varies the pauses
     */
    public static Gate resume(
            GateSnapshot known, boolean subscribes, PollSchedule pacing, RandomGenerator random, Instant now) {
        return new Gate(known, subscribes, pacing, random, now);
    }

    /** Takes what happened. Call {@link #advance} afterwards. */
    public void take(GateEvent event, Instant now) {
        if (outcome != null || isOver(now)) {
            return;
        }
        if (event instanceof Answer answer) {
            takeAnswer(answer, now);
        } else if (event instanceof Announced announced) {
            takeAnnouncement(announced.publication(), now);
        } else if (event instanceof Disconnected disconnected) {
            unlinked(Link.DOWN, "no connection to the notification server", disconnected.problem(), now);
        } else if (event instanceof ReadBegins begins) {
            join(begins.replica(), now);
        } else if (event instanceof Refused refused) {
            unlinked(Link.REFUSED, "the notification server refuses the subscription", refused.problem(), now);
        } else {
            connected(now);
        }
    }

    /**
     * Says what to do now. The last action is always a {@link GateAction.WaitUntil} in the future or, once, a {@link
     * GateAction.Finish}; after that there is nothing to do any more.
     */
    public List<GateAction> advance(Instant now) {
        if (outcome != null) {
            return List.of();
        }
        outcome = judge(now);
        if (outcome != null) {
            tell(Wording.end(outcome, report(now)));
            pending.add(new GateAction.Finish(outcome));
        } else {
            look(now);
        }
        List<GateAction> actions = List.copyOf(pending);
        pending.clear();
        return actions;
    }

    private void look(Instant now) {
        Instant next = now.isBefore(condition.deadline()) ? condition.deadline() : end;
        for (ReplicaWatch watch : watches.values()) {
            if (mayLook(watch, now)) {
                GateAction.Request request = watch.ask(now);
                if (request != null) {
                    pending.add(request);
                }
                next = earlier(next, watch.nextQuestion());
            }
        }
        pending.add(new GateAction.WaitUntil(next));
    }

    private @Nullable GateOutcome judge(Instant now) {
        boolean over = isOver(now);
        // After a restart a replica is asked again before it counts; one that has not answered by the end is as good as
        // unreadable.
        long counted = watchesThatCount(true)
                .filter(watch -> over || watch.hasLooked())
                .count();
        if (counted >= condition.needed()) {
            return GateOutcome.REACHED;
        }
        if (condition.onStale() != StalePolicy.WAIT && isStale()) {
            return GateOutcome.STALE;
        }
        return over ? GateOutcome.TIMED_OUT : null;
    }

    private Stream<ReplicaWatch> watchesThatCount(boolean counts) {
        return watches.values().stream().filter(watch -> watch.state().counts() == counts);
    }

    private boolean isStale() {
        return watches.values().stream()
                .filter(ReplicaWatch::hasLooked)
                .map(watch -> watch.state().served())
                .anyMatch(this::isRetreat);
    }

    private boolean isRetreat(@Nullable ManifestSummary publication) {
        return publication != null
                && !condition.target().isMetBy(publication)
                && condition.target().isAhead(publication.revision())
                && publication.isPublishedAfter(condition.publishedAt());
    }

    /** At the deadline, or when the looks that are allowed after it are done. */
    private boolean isOver(Instant now) {
        return !now.isBefore(condition.deadline())
                && (!now.isBefore(end) || watches.values().stream().allMatch(ReplicaWatch::hasLooked));
    }

    private boolean mayLook(ReplicaWatch watch, Instant now) {
        return now.isBefore(condition.deadline()) || !watch.hasLooked();
    }

    private void takeAnswer(Answer answer, Instant now) {
        ReplicaWatch watch = watches.get(answer.replica());
        if (watch == null || !watch.awaits(answer)) {
            return;
        }
        boolean existed = exists();
        Target known = condition.target();
        if (answer instanceof ManifestRead read) {
            condition = condition.learn(read.publication());
        }
        watch.take(answer, new Outlook(condition.target(), exists(), link == Link.UP), now);
        if (exists() != existed || !condition.target().equals(known)) {
            watchesThatCount(false).filter(other -> other != watch).forEach(other -> other.hurry(times.woken(now)));
        }
        tell(watch.news(condition));
    }

    private void join(Replica replica, Instant now) {
        ReplicaWatch watch = watches.get(replica);
        if (watch != null && mayLook(watch, now)) {
            watch.join(now);
        }
    }

    private boolean exists() {
        return heard != null
                || condition.publishedAt() != null
                || watches.values().stream().anyMatch(watch -> watch.state().seenAt() != null);
    }

    private void takeAnnouncement(ManifestSummary announced, Instant now) {
        if (condition.target().isMetBy(announced)) {
            if (heard == null
                    || announced.revision().isNewerThan(heard.publication().revision())) {
                heard = new Heard(announced, now);
                tell("announced: revision " + announced.revision());
                watchesThatCount(false).forEach(watch -> watch.hurry(times.woken(now)));
            }
        } else if (!announced.equals(retreat)) {
            retreat = announced;
            watchesThatCount(true).forEach(watch -> watch.wake(times.woken(now)));
        }
    }

    private void connected(Instant now) {
        if (link != Link.UP) {
            tell("connected to the notification server");
        }
        link = Link.UP;
        for (ReplicaWatch watch : watches.values()) {
            // What was announced meanwhile is lost. Many waiters reconnect at the same time.
            watch.wake(watch.hasLooked() ? times.woken(now) : now);
        }
    }

    private void unlinked(Link state, String what, String problem, Instant now) {
        if (link != state) {
            tell("%s, the replicas are read more often: %s".formatted(what, problem));
            watches.values().forEach(watch -> watch.wake(times.next(now, false, 0)));
        }
        link = state;
    }

    private void tell(@Nullable String line) {
        if (line != null) {
            pending.add(new GateAction.Tell(line));
        }
    }

    /** How it ended; empty before the end. */
    public Optional<GateOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** What has been found out so far, to be shown. */
    public GateReport report(Instant now) {
        return GateReport.of(snapshot(), outcome, now);
    }

    /** What has been found out so far, to be kept and {@linkplain #resume gone on with}. */
    public GateSnapshot snapshot() {
        return new GateSnapshot(
                condition,
                startedAt,
                heard,
                watches.values().stream().map(ReplicaWatch::state).toList());
    }

    private static Instant earlier(Instant one, @Nullable Instant other) {
        return other != null && other.isBefore(one) ? other : one;
    }
}
