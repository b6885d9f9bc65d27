package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot.LatestAnnouncement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a gate, for people and for the caller's result. Immutable.
 *
 * @param condition what is waited for, with what was learned since
 * @param outcome how it ended; null before the end
 * @param waited since the gate was first opened, restarts included
 * @param announced the newest announcement that would meet the target; null if none came
 * @param replicas in the order of the condition
 * @param missing one sentence: what is missing, or that nothing is
 */
public record GateReport(
        Condition condition,
        @Nullable GateOutcome outcome,
        Duration waited,
        @Nullable LatestAnnouncement announced,
        List<ReplicaReport> replicas,
        String missing) {

    /**
     * The state of one replica.
     *
     * @param summary one phrase, such as {@code serves revision 6, last snapshot 34 min ago}
     * @param sincePublication from the target's publication, by the publisher's clock, until it was seen to be readable here;
     *     null if it is not, or the time of publication is unknown; zero if the clocks disagree
     * @param sinceAnnouncement from the announcement until it was seen to be readable here; null if it is not, or no
     *     announcement came; zero if it was readable first
     */
    public record ReplicaReport(
            ReplicaState state,
            String summary,
            @Nullable Duration sincePublication,
            @Nullable Duration sinceAnnouncement) {

        /** Returns the time since publication, else since the announcement; null if neither is known. */
        public @Nullable Duration latency() {
            return sincePublication == null ? sinceAnnouncement : sincePublication;
        }
    }

    /** The sentence on what is missing names at most so many replicas. */
    private static final int MAX_NAMED = 5;

    static GateReport of(GateSnapshot known, @Nullable GateOutcome outcome, Instant now) {
        Condition condition = known.condition();
        LatestAnnouncement announced = known.announced();
        List<ReplicaReport> replicas = known.replicas().stream()
                .map(state -> new ReplicaReport(
                        state,
                        summary(state, now),
                        between(condition.publishedAt(), state.availableAt()),
                        between(announced == null ? null : announced.at(), state.availableAt())))
                .toList();
        Duration waited = Objects.requireNonNull(between(known.startedAt(), now));
        return new GateReport(condition, outcome, waited, announced, replicas, missing(known, now));
    }

    /** Returns the number of replicas that have what is waited for. */
    public long counted() {
        return replicas.stream().filter(replica -> replica.state().counts()).count();
    }

    /** Returns at most so many replicas, the first ones; if not all have room, those without the revision first. */
    public List<ReplicaReport> first(int most) {
        return replicas.size() <= most
                ? replicas
                : replicas.stream()
                        .sorted(Comparator.comparing(replica -> replica.state().counts()))
                        .limit(most)
                        .toList();
    }

    /** Returns the lowest revision that the counted replicas serve: every one of them has at least this. */
    public Optional<ManifestSummary> readable() {
        return replicas.stream()
                .map(ReplicaReport::state)
                .filter(ReplicaState::counts)
                .flatMap(state -> Stream.ofNullable(state.served()))
                .min(Comparator.comparing(ManifestSummary::revision));
    }

    /** Returns the line on the end of a gate. */
    static String endLine(GateOutcome outcome, GateReport report) {
        String after = " after " + text(report.waited());
        return switch (outcome) {
            case REACHED -> "reached" + after + ": " + report.condition();
            case TIMED_OUT -> "timed out" + after + ": " + report.missing();
            case STALE -> "ended" + after + ", the repository was rolled back: " + report.missing();
        };
    }

    /** Returns the line on what a check of a replica changed; null if nothing that matters. */
    static @Nullable String changeLine(ReplicaState before, ReplicaState after, Condition condition) {
        String name = after.replica().name();
        if (after.counts() && !before.counts()) {
            Duration delay = between(condition.publishedAt(), after.availableAt());
            return name + " has " + revision(after)
                    + (delay == null ? "" : ", seen " + text(delay) + " after " + published(after, condition));
        }
        if (before.counts() && !after.counts()) {
            return name + " no longer counts: it " + served(after);
        }
        if (after.error() != null) {
            return after.error().equals(before.error()) ? null : name + " cannot be read: " + after.error();
        }
        boolean same = Objects.equals(before.served(), after.served())
                && Objects.equals(before.note(), after.note())
                && before.rootCatalog() == after.rootCatalog()
                && before.error() == null;
        return same ? null : name + " " + served(after);
    }

    private static String published(ReplicaState state, Condition condition) {
        Instant own = state.served() == null ? null : state.served().publishedAt();
        return own == null || own.equals(condition.publishedAt())
                ? "its publication"
                : "an earlier revision that counts was published";
    }

    private static String summary(ReplicaState state, Instant now) {
        if (state.served() == null) {
            return state.error() == null ? "has not been read yet" : "cannot be read: " + state.error();
        }
        Duration snapshotAge = state.counts() ? null : between(state.snapshotAt(), now);
        return served(state)
                + (snapshotAge == null ? "" : ", last snapshot " + text(snapshotAge) + " ago")
                + (state.error() == null ? "" : ", and now cannot be read: " + state.error());
    }

    private static String served(ReplicaState state) {
        String revision = "serves " + revision(state);
        String note = state.note();
        if (state.counts()) {
            return revision;
        }
        if (state.seenAt() == null) {
            String remark = note == null ? hiddenRootHash(state) : note;
            return remark == null ? revision : revision + " (" + remark + ")";
        }
        return state.rootCatalog() == RootCatalog.ABSENT
                ? revision + ", but " + (note == null ? "its root catalog is not there" : note)
                : revision + ", but its files are not checked yet";
    }

    private static @Nullable String hiddenRootHash(ReplicaState state) {
        boolean isHidden =
                state.served() != null && state.served().toldRootHash().isEmpty();
        return isHidden ? "its client does not show the root hash" : null;
    }

    private static String revision(ReplicaState state) {
        return state.served() == null ? "nothing" : "revision " + state.served().revision();
    }

    private static String missing(GateSnapshot known, Instant now) {
        Condition condition = known.condition();
        int named = condition.replicas().size();
        List<ReplicaState> lacking =
                known.replicas().stream().filter(state -> !state.counts()).toList();
        int counted = known.replicas().size() - lacking.size();
        if (counted >= condition.needed()) {
            return "nothing is missing: %d of %d %s have %s"
                    .formatted(counted, named, condition.noun(), condition.target());
        }
        if (condition.group() != null && named == 0) {
            return noMembers(condition.group()) + announcement(known);
        }
        String states = lacking.stream()
                .limit(MAX_NAMED)
                .map(state -> state.replica() + " " + summary(state, now))
                .collect(Collectors.joining("; "));
        int more = lacking.size() - MAX_NAMED;
        return "%d of %d %s have %s, %d needed%s%s%s%s"
                .formatted(
                        counted,
                        named,
                        condition.noun(),
                        condition.target(),
                        condition.needed(),
                        states.isEmpty() ? "" : ": " + states,
                        more <= 0 ? "" : "; and %d more".formatted(more),
                        absent(condition.group()),
                        announcement(known));
    }

    /** Returns the line on the members that are present now, for a gate that knew of others, or of none yet. */
    static String membersLine(Condition condition, List<Replica> before) {
        Condition.Group group = Objects.requireNonNull(condition.group());
        List<Replica> present = condition.replicas();
        if (present.isEmpty()) {
            return noMembers(group);
        }
        List<Replica> joined =
                present.stream().filter(member -> !before.contains(member)).toList();
        List<Replica> left =
                before.stream().filter(member -> !present.contains(member)).toList();
        return group
                + (before.isEmpty() ? ": " + names(present) : ": " + present.size())
                + (before.isEmpty() || joined.isEmpty() ? "" : ", joined by " + names(joined))
                + (left.isEmpty() ? "" : ", without " + names(left))
                + absent(group);
    }

    private static String names(List<Replica> members) {
        return Excerpt.ofList(members.stream().map(Replica::name).toList(), MAX_NAMED, ", ");
    }

    private static String noMembers(Condition.Group group) {
        return "there are no " + group + absent(group);
    }

    private static String absent(Condition.@Nullable Group group) {
        return group == null || group.absent() == null ? "" : "; " + group.absent();
    }

    private static String announcement(GateSnapshot known) {
        if (known.announced() == null) {
            return "";
        }
        String revision = known.announced().manifest().revision().toString();
        boolean unnumbered = known.condition().target() instanceof Target.RootHash hash && hash.revision() == null;
        return unnumbered
                ? ". It was announced as revision %s; name that revision too, and replicas that are past it count"
                        .formatted(revision)
                : ". Revision %s was announced".formatted(revision);
    }

    /** Returns the time from the one to the other; zero if the clocks have it the other way round, null if one is unknown. */
    private static @Nullable Duration between(@Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) {
            return null;
        }
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }

    /** Writes a duration such as {@code 0.4 s}, {@code 12 s}, {@code 34 min} or {@code 5 h 3 min}. */
    public static String text(Duration span) {
        if (span.toSeconds() < 10) {
            return "%d.%d s".formatted(span.toSeconds(), span.toMillisPart() / 100);
        }
        if (span.toMinutes() < 2) {
            return span.toSeconds() + " s";
        }
        return span.toHours() < 2 ? span.toMinutes() + " min" : span.toHours() + " h " + span.toMinutesPart() + " min";
    }
}
