package io.jenkins.plugins.cvmfs.notify.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.Results.Side;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The goals of the proxy, of the file {@code goals.csv} beside this class. */
final class Goals {

    private Goals() {}

    /** Returns a table for each group, in Markdown. */
    static String markdown(Results results) throws IOException {
        StringBuilder text = new StringBuilder();
        String group = "";
        for (String line : lines()) {
            List<String> columns = Arrays.asList(line.split("; "));
            if (!columns.get(0).equals(group)) {
                group = columns.get(0);
                text.append("%n### %s%n%n| goal | n | ours | other | compared | limit | |%n".formatted(group))
                        .append("|---|---|---|---|---|---|---|%n".formatted());
            }
            text.append(Goal.parse(columns).line(results));
        }
        return text.toString();
    }

    private static List<String> lines() throws IOException {
        try (InputStream file = Objects.requireNonNull(Goals.class.getResourceAsStream("goals.csv"))) {
            return new String(file.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    /**
     * One goal.
     *
     * @param own its number
     * @param other what that is compared with; null if it is looked at alone
     * @param against the same in words
     * @param relation how
     * @param limit of the number, the ratio or the difference
     */
    record Goal(Side own, @Nullable Side other, String against, Relation relation, double limit) {

        /** Repetitions that a verdict takes. */
        private static final int ENOUGH = 5;

        /** The comparison, and the side of the limit that is good. */
        enum Relation {
            RATIO_AT_MOST,
            RATIO_AT_LEAST,
            MORE_BY_AT_MOST,
            AT_MOST;

            boolean holds(double reached, double limit) {
                return this == RATIO_AT_LEAST ? reached >= limit : reached <= limit;
            }
        }

        /** Reads a line of the file. */
        static Goal parse(List<String> columns) {
            String scenario = columns.get(1);
            String server = columns.get(2);
            String kind = columns.get(3);
            int size = Integer.parseInt(columns.get(4));
            String metric = columns.get(5);
            String against = columns.get(6);
            Side other = null;
            if (against.matches("[0-9]+")) {
                other = new Side(scenario, kind, server, Integer.parseInt(against), metric);
            } else if (against.matches("[A-Z_]+")) {
                other = new Side(scenario, against, server, size, metric);
            } else if (!against.equals("-")) {
                other = new Side(scenario, kind, against, size, metric);
            }
            return new Goal(
                    new Side(scenario, kind, server, size, metric),
                    other,
                    other == null ? "" : " against " + against,
                    Relation.valueOf(columns.get(7)),
                    Double.parseDouble(columns.get(8)));
        }

        /** A line of a table in Markdown: both sides' medians, what is compared (the median over repetitions), met or not. */
        String line(Results results) {
            double[] compared = other == null ? results.values(own) : results.compared(own, other, this::compare);
            double reached = Results.median(compared);
            return "| %s | %d | %s | %s | %s | %s %s | %s |%n"
                    .formatted(
                            own.describe() + against,
                            compared.length,
                            Results.number(Results.median(results.values(own))),
                            other == null ? "" : Results.number(Results.median(results.values(other))),
                            Results.number(reached),
                            Results.lowerCase(relation.name()),
                            Results.number(limit),
                            verdict(compared.length, reached));
        }

        private double compare(double mine, double theirs) {
            return relation == Relation.MORE_BY_AT_MOST ? mine - theirs : mine / theirs;
        }

        private String verdict(int repetitions, double reached) {
            if (repetitions < ENOUGH) {
                return "not decided";
            }
            return relation.holds(reached, limit) ? "met" : "**not met**";
        }
    }
}
