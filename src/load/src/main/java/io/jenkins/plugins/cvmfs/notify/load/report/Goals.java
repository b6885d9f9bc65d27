package io.jenkins.plugins.cvmfs.notify.load.report;

import io.jenkins.plugins.cvmfs.notify.load.report.Results.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The goals of the proxy, in groups. */
public final class Goals {

    private static final String PROXY = "proxy";
    private static final String BARE = "bare loop";
    private static final String NCHAN = "nchan";
    private static final String WEB_SOCKET = "WEB_SOCKET";
    private static final List<String> KINDS = List.of(WEB_SOCKET, "EVENTS_BY_QUERY", "EVENTS_BY_BODY");
    private static final int SMALL = 1000;
    private static final int LARGE = 10_000;
    private static final int LARGEST = 19_000;

    private Goals() {}

    /** A table for each group, in Markdown. */
    public static String markdown(Results results) {
        return table("Fan-out", fanOut(), results)
                + table("Memory and connections", connections(), results)
                + table("Kinds of subscribers", kinds(), results)
                + table("Latency", latency(), results)
                + table("Publishes", publishes(), results)
                + table("Stalled readers", stalled(), results);
    }

    private static String table(String title, List<Goal> goals, Results results) {
        StringBuilder text = new StringBuilder("### " + title + "\n\n| goal | n | ours | other | compared | limit | |\n"
                + "|---|---|---|---|---|---|---|\n");
        goals.forEach(goal -> text.append(goal.line(results)));
        return text.append('\n').toString();
    }

    private static Side side(String scenario, String kind, int size, String metric) {
        return new Side(scenario, kind, PROXY, size, metric);
    }

    private static List<Goal> fanOut() {
        List<Goal> goals = new ArrayList<>();
        for (int size : new int[] {SMALL, LARGE, LARGEST}) {
            Side cpu = side("fan-out", WEB_SOCKET, size, "cpuMicrosPerDelivery");
            goals.add(Goal.ratioAtMost(cpu, cpu.of(BARE), 1.10));
            goals.add(Goal.ratioAtMost(cpu, cpu.of(NCHAN), 0.85));
        }
        Side growth = side("fan-out", WEB_SOCKET, LARGEST, "cpuMicrosPerDelivery");
        goals.add(Goal.ratioAtMost(growth, growth.at(SMALL), 1.15));
        Side last = side("fan-out", WEB_SOCKET, LARGE, "untilLastP50Micros");
        goals.add(Goal.ratioAtMost(last, last.of(BARE), 1.10));
        return goals;
    }

    private static List<Goal> connections() {
        Side large = side("connections", WEB_SOCKET, LARGE, "serverKilobytes");
        Side largest = large.at(LARGEST);
        return List.of(
                Goal.atMost(large, 120_000),
                Goal.ratioAtMost(largest, largest.of(NCHAN), 1.0),
                Goal.atMost(largest, 140_000),
                Goal.atMost(side("connections", WEB_SOCKET, LARGEST, "kilobytesPerConnection"), 4),
                Goal.atMost(side("connections", WEB_SOCKET, LARGE, "backMicrosPerConnection"), 60));
    }

    private static List<Goal> kinds() {
        List<Goal> goals = new ArrayList<>();
        for (int size : new int[] {SMALL, LARGE}) {
            Side webSocket = side("fan-out", WEB_SOCKET, size, "cpuMicrosPerDelivery");
            KINDS.stream().skip(1).forEach(kind -> goals.add(Goal.ratioAtMost(webSocket.to(kind), webSocket, 1.15)));
        }
        return goals;
    }

    private static List<Goal> latency() {
        List<Goal> goals = new ArrayList<>();
        Side latency = side("latency", WEB_SOCKET, 100, "latencyP50Micros");
        Side late = side("latency", WEB_SOCKET, 100, "latencyP99Micros");
        goals.add(Goal.ratioAtMost(latency, latency.of(BARE), 1.25));
        goals.add(Goal.ratioAtMost(late, late.of(BARE), 1.25));
        Side half = latency.of(PROXY + ", RabbitMQ").at(1);
        Side most = late.of(PROXY + ", RabbitMQ").at(1);
        goals.add(Goal.moreByAtMost(half, half.of("raw client, stream"), 50));
        goals.add(Goal.moreByAtMost(most, most.of("raw client, stream"), 0));
        goals.add(Goal.atMost(side("undisturbed", WEB_SOCKET, LARGE, "addedAnsweredP99Micros"), 5000));
        goals.add(Goal.atMost(side("undisturbed", WEB_SOCKET, LARGE, "addedLatencyP99Micros"), 5000));
        return goals;
    }

    private static List<Goal> publishes() {
        Side confirmed = side("publishes", WEB_SOCKET, 64, "confirmedPerSecond");
        Side broker = confirmed.of(PROXY + ", RabbitMQ");
        return List.of(
                Goal.ratioAtLeast(broker, confirmed.of("raw client, stream"), 1.0),
                Goal.ratioAtLeast(broker, confirmed.of("raw client, quorum"), 1.0),
                Goal.ratioAtLeast(confirmed.of(PROXY + ", fsync"), confirmed.of("one fsync each"), 20));
    }

    private static List<Goal> stalled() {
        return KINDS.stream()
                .map(kind -> side("stalled", kind, 10, "latencyP99Micros"))
                .map(late -> Goal.ratioAtMost(late, late.at(0), 1.2))
                .toList();
    }

    /**
     * One goal.
     *
     * @param own its number
     * @param other what that is compared with; null if it is looked at alone
     * @param relation how
     * @param limit of the number, the ratio or the difference
     */
    record Goal(Side own, @Nullable Side other, Relation relation, double limit) {

        /** The comparison, and the side of the limit that is good. */
        enum Relation {
            RATIO_AT_MOST("ratio at most"),
            RATIO_AT_LEAST("ratio at least"),
            MORE_BY_AT_MOST("more by at most"),
            AT_MOST("at most");

            private final String text;

            Relation(String text) {
                this.text = text;
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
                            Results.number(results.median(own)),
                            other == null ? "" : Results.number(results.median(other)),
                            Results.number(reached),
                            relation.text,
                            Results.number(OptionalDouble.of(limit)),
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
}
