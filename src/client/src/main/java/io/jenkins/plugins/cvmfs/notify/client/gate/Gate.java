package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Announced;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answered;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Disconnected;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ManifestRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Members;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ReadBegins;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Refused;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot.LatestAnnouncement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until enough replicas serve what is waited for: a state machine without threads, I/O or clock. Its driver reports events
 * with {@link #take}, calls {@link #advance} after each, and carries out the actions that returns, in order.
 *
 * <p>Replicas are the truth, announcements are hints. The gate opens only when enough replicas, by the last answer of each,
 * serve a manifest that meets the target and have its root catalog. An announcement only causes an earlier check; without
 * announcements the replicas are checked by the {@link PollSchedule}. A replica that was rolled back counts no longer; one that
 * cannot be read keeps its last state.
 *
 * <p>The gate ends at the deadline at the latest, even while a read is outstanding; at that very instant it is too late. Only a
 * gate that is resumed, or opened at or after its deadline, may finish its first check of each replica within {@link
 * PollSchedule#finalCheck()}, because the revision may have come while nothing was watching.
 *
 * <p>Not thread-safe. All instants come from the caller, and may jump back.
 */
public final class Gate {

    /** An older gate was resumed: no process restarts that fast, and to open a gate never takes that long. */
    static final Duration FRESH = Duration.ofSeconds(5);

    /** The time for the members of a group to return, in a gate that is resumed at or after its deadline. */
    static final Duration RETURN_OF_MEMBERS = Duration.ofMinutes(2);

    private final Instant startedAt;
    private final Instant end;
    private final PollSchedule.Times times;
    private final Map<Replica, ReplicaWatch> watches = new LinkedHashMap<>();
    /** The states of members that are not present; what they had counts from when they are seen again. */
    private final Map<Replica, ReplicaState> absent = new LinkedHashMap<>();

    private final List<GateAction> pending = new ArrayList<>();

    private Condition condition;
    private @Nullable LatestAnnouncement announced;
    private @Nullable ManifestSummary otherAnnouncement;
    private ServerLink link;
    private @Nullable GateOutcome outcome;
    /** The members of the group; null until the first are known. */
    private @Nullable List<Replica> lastPresent;

    /**
     * Opens a gate, or goes on after a restart. Call {@link #advance} next. Every replica is checked before it counts; one that was
     * read before the restart and cannot be read now keeps its last state.
     *
     * @param known {@link GateSnapshot#start}, or what {@link #snapshot} returned
     * @param subscribes true if there is a notification server to subscribe to; if not, the gate only reads the replicas
     * @param random varies the pauses; not used before the first {@link #take} or {@link #advance}
     */
    public Gate(GateSnapshot known, boolean subscribes, PollSchedule schedule, RandomGenerator random, Instant now) {
        this.condition = known.condition();
        this.startedAt = known.startedAt();
        this.announced = known.announced();
        this.times = new PollSchedule.Times(schedule, random, condition.deadline());
        this.end = endOf(known, schedule, now);
        Instant firstCheck = times.first(now, subscribes);
        for (ReplicaState state : known.replicas()) {
            watches.put(state.replica(), new ReplicaWatch(state, times, firstCheck));
        }
        this.link = new ServerLink(subscribes ? ServerLink.State.CONNECTING : ServerLink.State.NONE, null);
        progress("waiting for " + condition + " until " + condition.deadline().truncatedTo(ChronoUnit.SECONDS));
        if (subscribes) {
            pending.add(new GateAction.Subscribe());
        }
    }

    private static Instant endOf(GateSnapshot known, PollSchedule schedule, Instant now) {
        Instant deadline = known.condition().deadline();
        boolean isFresh = !known.startedAt().isBefore(now.minus(FRESH));
        Instant finalCheck = now.plus(known.condition().group() == null ? schedule.finalCheck() : RETURN_OF_MEMBERS);
        return (isFresh && now.isBefore(deadline)) || finalCheck.isBefore(deadline) ? deadline : finalCheck;
    }

    /**
     * Takes an event. Call {@link #advance} next. Ignored after the end, and an answer also if its question is not outstanding.
     */
    public void take(GateEvent event, Instant now) {
        if (outcome != null || isOver(now)) {
            return;
        }
        if (event instanceof Answered answered) {
            takeAnswer(answered, now);
        } else if (event instanceof Announced announcement) {
            takeAnnouncement(announcement.manifest(), now);
        } else if (event instanceof Members members) {
            takeMembers(members, now);
        } else if (event instanceof ReadBegins begins) {
            joinRead(begins.replica(), now);
        } else if (event instanceof Disconnected disconnected) {
            disconnected(new ServerLink(ServerLink.State.LOST, disconnected.problem()), now);
        } else if (event instanceof Refused refused) {
            disconnected(new ServerLink(ServerLink.State.REFUSED, refused.problem()), now);
        } else {
            connected(now);
        }
    }

    /**
     * Returns what to do now. The last action is always a {@link GateAction.WaitUntil} in the future or, once, a {@link
     * GateAction.Finish}; after that the list is empty.
     */
    public List<GateAction> advance(Instant now) {
        if (outcome != null) {
            return List.of();
        }
        outcome = judge(now);
        if (outcome != null) {
            progress(GateReport.endLine(outcome, report(now)));
            pending.add(new GateAction.Finish(outcome));
        } else {
            check(now);
        }
        List<GateAction> actions = List.copyOf(pending);
        pending.clear();
        return actions;
    }

    private void check(Instant now) {
        Instant next = now.isBefore(condition.deadline()) ? condition.deadline() : end;
        for (Map.Entry<Replica, ReplicaWatch> entry : watches.entrySet()) {
            ReplicaWatch watch = entry.getValue();
            if (mayCheck(watch, now)) {
                Question question = watch.ask(now);
                if (question != null) {
                    pending.add(new GateAction.Ask(entry.getKey(), question));
                }
                Instant check = watch.nextCheck();
                next = check != null && check.isBefore(next) ? check : next;
            }
        }
        pending.add(new GateAction.WaitUntil(next));
    }

    private @Nullable GateOutcome judge(Instant now) {
        boolean over = isOver(now);
        // After a restart a replica must be checked again before it counts; one that does not answer by the end is as
        // good as unreadable and keeps its last state.
        long counted = watchesThatCount(true)
                .filter(watch -> over || watch.isChecked())
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

    /** Returns true if a replica serves a lower revision that was published after the target. */
    private boolean isStale() {
        return watches.values().stream()
                .filter(ReplicaWatch::isChecked)
                .flatMap(watch -> Stream.ofNullable(watch.state().served()))
                .anyMatch(served -> !condition.target().isMetBy(served)
                        && condition.target().isAhead(served.revision())
                        && served.isPublishedAfter(condition.publishedAt()));
    }

    /** Returns true from the deadline on, or once the checks that are allowed after it are done. */
    private boolean isOver(Instant now) {
        return !now.isBefore(condition.deadline()) && (!now.isBefore(end) || isChecked());
    }

    /** Returns true once every replica was checked; of a group, once its members are present and were read. */
    private boolean isChecked() {
        boolean areAllChecked = watches.values().stream().allMatch(ReplicaWatch::isChecked);
        return condition.group() == null
                ? areAllChecked
                : areAllChecked
                        && !watches.isEmpty()
                        && watches.values().stream()
                                .allMatch(watch -> watch.state().error() == null);
    }

    private boolean mayCheck(ReplicaWatch watch, Instant now) {
        if (condition.group() == null) {
            return now.isBefore(condition.deadline()) || !watch.isChecked();
        }
        return lastPresent != null
                && (now.isBefore(condition.deadline())
                        || !watch.isChecked()
                        || watch.state().error() != null);
    }

    private void takeMembers(Members members, Instant now) {
        Map<Replica, ReplicaWatch> before = new LinkedHashMap<>(watches);
        Condition.Group known = condition.group();
        condition = condition.withMembers(members.present(), members.absent());
        watches.clear();
        for (Replica member : condition.replicas()) {
            ReplicaWatch watch = before.remove(member);
            if (watch == null) {
                ReplicaState state = absent.remove(member);
                watch = new ReplicaWatch(
                        state == null ? ReplicaState.unread(member) : state, times, times.triggered(now));
            } else if (watch.state().error() != null) {
                watch.wakeAfresh(times.triggered(now));
            }
            watches.put(member, watch);
        }
        before.forEach((left, watch) -> absent.put(left, watch.state()));
        while (absent.size() > Condition.MAX_MEMBERS) {
            absent.remove(absent.keySet().iterator().next());
        }
        boolean isOtherReason = watches.isEmpty() && !Objects.equals(known, condition.group());
        if (lastPresent == null || !lastPresent.equals(condition.replicas()) || isOtherReason) {
            progress(GateReport.membersLine(condition, lastPresent == null ? List.of() : lastPresent));
        }
        lastPresent = condition.replicas();
    }

    private void takeAnswer(Answered answered, Instant now) {
        ReplicaWatch watch = watches.get(answered.replica());
        if (watch == null || !watch.awaits(answered.question())) {
            return;
        }
        boolean existed = exists();
        Target known = condition.target();
        if (answered.answer() instanceof ManifestRead read) {
            condition = condition.learn(read.manifest());
        }
        watch.take(answered.answer(), new ReplicaWatch.Context(condition.target(), exists(), link.isUp()), now);
        if (exists() != existed || !condition.target().equals(known)) {
            watchesThatCount(false)
                    .filter(other -> other != watch)
                    .forEach(other -> other.wakeAfresh(times.triggered(now)));
        }
        progress(watch.changeLine(condition));
    }

    private void joinRead(Replica replica, Instant now) {
        ReplicaWatch watch = watches.get(replica);
        if (watch != null && mayCheck(watch, now)) {
            watch.join(now);
        }
    }

    /** Returns true if the target is known to be published. */
    private boolean exists() {
        return announced != null
                || condition.publishedAt() != null
                || watches.values().stream().anyMatch(watch -> watch.state().seenAt() != null);
    }

    private void takeAnnouncement(ManifestSummary manifest, Instant now) {
        if (condition.target().isMetBy(manifest)) {
            if (announced == null
                    || manifest.revision().isNewerThan(announced.manifest().revision())) {
                announced = new LatestAnnouncement(manifest, now);
                progress("announced: revision " + manifest.revision());
                watchesThatCount(false).forEach(watch -> watch.wakeAfresh(times.triggered(now)));
            }
        } else if (!manifest.equals(otherAnnouncement)) {
            // Perhaps a rollback: the replicas that count may not do so any more.
            otherAnnouncement = manifest;
            watchesThatCount(true).forEach(watch -> watch.wake(times.triggered(now)));
        }
    }

    private void connected(Instant now) {
        if (!link.isUp()) {
            link = new ServerLink(ServerLink.State.CONNECTED, null);
            progress(link.toString());
        }
        for (ReplicaWatch watch : watches.values()) {
            // Announcements may have been missed. Many gates reconnect at the same time, so not all read at once.
            watch.wake(watch.isChecked() ? times.triggered(now) : now);
        }
    }

    private void disconnected(ServerLink broken, Instant now) {
        if (link.state() != broken.state()) {
            progress("%s, the replicas are read more often: %s".formatted(broken.state(), broken.problem()));
            watches.values().forEach(watch -> watch.wake(times.next(now, false, 0)));
        }
        link = broken;
    }

    private void progress(@Nullable String line) {
        if (line != null) {
            pending.add(new GateAction.Progress(line));
        }
    }

    /** Returns how the gate ended; empty before the end. */
    public Optional<GateOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** Returns the present connection to the notification server. */
    public ServerLink link() {
        return link;
    }

    /** Returns the present state, for people. */
    public GateReport report(Instant now) {
        return GateReport.of(snapshot(), outcome, now);
    }

    /** Returns the present state, to be saved and resumed. It does not change with the gate. */
    public GateSnapshot snapshot() {
        return new GateSnapshot(
                condition,
                startedAt,
                announced,
                watches.values().stream().map(ReplicaWatch::state).toList());
    }
}
