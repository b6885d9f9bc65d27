package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What the proxy is to reach.
 *
 * @param scenario where it is measured
 * @param kind the kind of subscribers
 * @param size how many
 * @param metric the number looked at
 * @param against the server it is divided by; empty if the number itself is looked at
 * @param atMost the limit
 */
public record Goal(String scenario, String kind, int size, String metric, String against, double atMost) {

    private static final String BARE = "bare loop";
    private static final String NCHAN = "nchan";
    private static final String WS = "WEB_SOCKET";
    private static final String CPU = "cpuMicrosPerDelivery";

    /** Those that the samples can tell of. */
    public static final List<Goal> ALL = List.of(
            new Goal("fan-out", WS, 1000, CPU, BARE, 1.10),
            new Goal("fan-out", WS, 10_000, CPU, BARE, 1.10),
            new Goal("fan-out", WS, 19_000, CPU, BARE, 1.10),
            new Goal("fan-out", WS, 1000, CPU, NCHAN, 0.85),
            new Goal("fan-out", WS, 10_000, CPU, NCHAN, 0.85),
            new Goal("fan-out", WS, 19_000, CPU, NCHAN, 0.85),
            new Goal("fan-out", WS, 10_000, "untilLastP50Micros", BARE, 1.10),
            new Goal("connections", WS, 10_000, "serverKilobytes", "", 120_000),
            new Goal("connections", WS, 19_000, "serverKilobytes", NCHAN, 1.0),
            new Goal("connections", WS, 19_000, "kilobytesPerConnection", "", 4),
            new Goal("connections", WS, 10_000, "backMicrosPerConnection", "", 60),
            new Goal("latency", WS, 100, "latencyP50Micros", BARE, 1.25),
            new Goal("latency", WS, 100, "latencyP99Micros", BARE, 1.25));

    /** One line of Markdown for each goal: both sides, the ratio, met or not. */
    public static String markdown(Results results, String server) {
        StringBuilder text =
                new StringBuilder("| goal | ours | other | ratio | at most | |\n|---|---|---|---|---|---|\n");
        for (Goal goal : ALL) {
            text.append(goal.line(results, server));
        }
        return text.toString();
    }

    private String line(Results results, String server) {
        OptionalDouble own = find(results, server);
        OptionalDouble other = against.isEmpty() ? OptionalDouble.empty() : find(results, against);
        OptionalDouble reached = against.isEmpty()
                ? own
                : results.series().stream()
                        .filter(sample -> isAbout(sample, server))
                        .map(sample -> results.ratio(sample, against, metric))
                        .findFirst()
                        .orElse(OptionalDouble.empty());
        return "| %s, %,d, %s%s | %s | %s | %s | %s | %s |%n"
                .formatted(
                        scenario,
                        size,
                        metric,
                        against.isEmpty() ? "" : " / " + against,
                        Table.number(own),
                        Table.number(other),
                        against.isEmpty() ? "" : Table.number(reached),
                        Table.number(OptionalDouble.of(atMost)),
                        verdict(reached));
    }

    private String verdict(OptionalDouble reached) {
        if (reached.isEmpty()) {
            return "not measured";
        }
        return reached.getAsDouble() <= atMost ? "met" : "not met";
    }

    private OptionalDouble find(Results results, String server) {
        return results.series().stream()
                .filter(sample -> isAbout(sample, server))
                .map(sample -> results.median(sample, metric))
                .findFirst()
                .orElse(OptionalDouble.empty());
    }

    private boolean isAbout(Sample sample, String server) {
        return sample.scenario().equals(scenario)
                && sample.kind().equals(kind)
                && sample.size() == size
                && sample.server().equals(server);
    }
}
