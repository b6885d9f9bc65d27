package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy is to reach.
 *
 * @param own its number
 * @param other what that is compared with; null if it is looked at alone
 * @param relation how
 * @param limit of the number, the ratio or the difference
 */
record Goal(Side own, @Nullable Side other, Relation relation, double limit) {

    /** What is looked at, and which side of the limit is good. */
    enum Relation {
        RATIO_AT_MOST("ratio at most"),
        RATIO_AT_LEAST("ratio at least"),
        MORE_BY_AT_MOST("more by at most"),
        AT_MOST("at most");

        private final String words;

        Relation(String words) {
            this.words = words;
        }

        boolean holds(double reached, double limit) {
            return this == RATIO_AT_LEAST ? reached >= limit : reached <= limit;
        }
    }

    static Goal ratioAtMost(Side own, Side other, double limit) {
        return new Goal(own, other, Relation.RATIO_AT_MOST, limit);
    }

    static Goal ratioAtLeast(Side own, Side other, double limit) {
        return new Goal(own, other, Relation.RATIO_AT_LEAST, limit);
    }

    static Goal moreByAtMost(Side own, Side other, double limit) {
        return new Goal(own, other, Relation.MORE_BY_AT_MOST, limit);
    }

    static Goal atMost(Side own, double limit) {
        return new Goal(own, null, Relation.AT_MOST, limit);
    }

    /** A line of a table in Markdown: both sides' medians, what is compared (the median over repetitions), met or not. */
    String line(Results results) {
        OptionalDouble reached = reached(results);
        return "| %s | %d | %s | %s | %s | %s %s | %s |%n"
                .formatted(
                        own.describe() + (other == null ? "" : " against " + other.differenceTo(own)),
                        results.count(own),
                        Table.number(results.median(own)),
                        other == null ? "" : Table.number(results.median(other)),
                        Table.number(reached),
                        relation.words,
                        Table.number(OptionalDouble.of(limit)),
                        verdict(reached));
    }

    private OptionalDouble reached(Results results) {
        if (other == null) {
            return results.median(own);
        }
        return relation == Relation.MORE_BY_AT_MOST
                ? results.middleOf(own, other, (mine, theirs) -> mine - theirs)
                : results.middleOf(own, other, (mine, theirs) -> mine / theirs);
    }

    private String verdict(OptionalDouble reached) {
        if (reached.isEmpty()) {
            return "not measured";
        }
        return relation.holds(reached.getAsDouble(), limit) ? "met" : "**not met**";
    }
}
