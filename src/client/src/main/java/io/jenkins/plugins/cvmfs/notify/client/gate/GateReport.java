package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a gate has found out, for people and for the caller's result.
 *
 * @param condition what is waited for, with what was learnt of it since
 * @param outcome how it ended; null before the end
 * @param waited since the gate was first opened, restarts included
 * @param heard the newest announcement that would meet the target; null if none came
 * @param replicas in the order of the condition
 * @param missing one sentence: what is missing, or that nothing is
 */
public record GateReport(
        Condition condition,
        @Nullable GateOutcome outcome,
        Duration waited,
        @Nullable Heard heard,
        List<ReplicaReport> replicas,
        String missing) {

    /**
     * What has been found out about one replica.
     *
     * @param summary one phrase, such as {@code serves revision 6, last snapshot 34 min ago}
     * @param sincePublication from the target's publication, by the publisher's clock, until it was seen to be readable here;
     *     null if it is not, or the time of publication is unknown. Clocks that disagree give zero, not less
     * @param sinceAnnouncement from hearing of it until it was seen to be readable here; null if it is not, or nothing was
     *     heard; zero if it was readable first
     */
    public record ReplicaReport(
            ReplicaState state,
            String summary,
            @Nullable Duration sincePublication,
            @Nullable Duration sinceAnnouncement) {}

    static GateReport of(GateSnapshot known, @Nullable GateOutcome outcome, Instant now) {
        Condition condition = known.condition();
        Heard heard = known.heard();
        List<ReplicaReport> replicas = known.replicas().stream()
                .map(state -> new ReplicaReport(
                        state,
                        Wording.summary(state, now),
                        span(condition.publishedAt(), state.availableAt()),
                        span(heard == null ? null : heard.at(), state.availableAt())))
                .toList();
        Duration waited = Spans.between(known.startedAt(), now);
        return new GateReport(condition, outcome, waited, heard, replicas, Wording.missing(known, now));
    }

    /** How many replicas have it. */
    public long counted() {
        return replicas.stream().filter(replica -> replica.state().counts()).count();
    }

    /** The lowest revision among those that the replicas that have it serve: what a reader finds there at least. */
    public Optional<ManifestSummary> readable() {
        return replicas.stream()
                .map(ReplicaReport::state)
                .filter(ReplicaState::counts)
                .flatMap(state -> Stream.ofNullable(state.served()))
                .min(Comparator.comparing(ManifestSummary::revision));
    }

    private static @Nullable Duration span(@Nullable Instant from, @Nullable Instant to) {
        return from == null || to == null ? null : Spans.between(from, to);
    }
}
