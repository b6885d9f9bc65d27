package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The sentences in which a gate explains itself. */
final class Wording {

    /** A sentence names at most so many replicas that lack something. */
    private static final int MOST_NAMED = 5;

    private Wording() {}

    static String end(GateOutcome outcome, GateReport report) {
        String after = " after " + Spans.text(report.waited());
        return switch (outcome) {
            case REACHED -> "reached" + after + ": " + report.condition();
            case TIMED_OUT -> "timed out" + after + ": " + report.missing();
            case STALE -> "given up" + after + ", the repository went back: " + report.missing();
        };
    }

    /** What became different with a look at a replica; null if nothing that matters. */
    static @Nullable String change(ReplicaState before, ReplicaState after, Condition condition) {
        String name = after.replica().name();
        if (after.counts() && !before.counts()) {
            return name + " has " + revision(after) + delay(after, condition);
        }
        if (before.counts() && !after.counts()) {
            return name + " no longer counts: it " + served(after);
        }
        if (after.error() != null) {
            return after.error().equals(before.error()) ? null : name + " cannot be read: " + after.error();
        }
        boolean same = Objects.equals(before.served(), after.served())
                && before.rootCatalog() == after.rootCatalog()
                && before.error() == null;
        return same ? null : name + " " + served(after);
    }

    private static String delay(ReplicaState state, Condition condition) {
        Instant published = condition.publishedAt();
        Instant available = state.availableAt();
        return published == null || available == null
                ? ""
                : ", seen " + Spans.text(Spans.between(published, available)) + " after its publication";
    }

    static String summary(ReplicaState state, Instant now) {
        if (state.served() == null) {
            return state.error() == null ? "has not been read yet" : "cannot be read: " + state.error();
        }
        Instant snapshot = state.counts() ? null : state.snapshotAt();
        return served(state)
                + (snapshot == null ? "" : ", last snapshot " + Spans.text(Spans.between(snapshot, now)) + " ago")
                + (state.error() == null ? "" : ", and now cannot be read: " + state.error());
    }

    private static String served(ReplicaState state) {
        String revision = "serves " + revision(state);
        if (state.seenAt() == null || state.counts()) {
            return revision;
        }
        return state.rootCatalog() == RootCatalog.ABSENT
                ? revision + ", but its root catalog is not there"
                : revision + ", but its root catalog has not been looked for yet";
    }

    private static String revision(ReplicaState state) {
        ManifestSummary served = state.served();
        return served == null ? "nothing" : "revision " + served.revision();
    }

    static String missing(GateSnapshot known, Instant now) {
        Condition condition = known.condition();
        long counted = known.replicas().stream().filter(ReplicaState::counts).count();
        if (counted >= condition.needed()) {
            return "nothing is missing: %d of %d replicas have %s"
                    .formatted(counted, condition.replicas().size(), condition.target());
        }
        List<ReplicaState> lacking =
                known.replicas().stream().filter(state -> !state.counts()).toList();
        String named = lacking.stream()
                .limit(MOST_NAMED)
                .map(state -> state.replica() + " " + summary(state, now))
                .collect(Collectors.joining("; "));
        int more = lacking.size() - Math.min(MOST_NAMED, lacking.size());
        return "%d of %d replicas have %s, %d needed: %s%s%s"
                .formatted(
                        counted,
                        condition.replicas().size(),
                        condition.target(),
                        condition.needed(),
                        named,
                        more == 0 ? "" : "; and %d more".formatted(more),
                        announcement(known));
    }

    private static String announcement(GateSnapshot known) {
        Heard heard = known.heard();
        if (heard == null) {
            return "";
        }
        ManifestSummary publication = heard.publication();
        boolean unnumbered = known.condition().target() instanceof Target.RootHash hash && hash.revision() == null;
        return unnumbered
                ? ". It was announced as revision %s; name that revision too, and replicas that are past it count"
                        .formatted(publication.revision())
                : ". Revision %s was announced".formatted(publication.revision());
    }
}
