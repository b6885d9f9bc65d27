package io.jenkins.plugins.cvmfs.notify.load.report;

import static io.jenkins.plugins.cvmfs.notify.load.report.Goal.atMost;
import static io.jenkins.plugins.cvmfs.notify.load.report.Goal.moreByAtMost;
import static io.jenkins.plugins.cvmfs.notify.load.report.Goal.ratioAtLeast;
import static io.jenkins.plugins.cvmfs.notify.load.report.Goal.ratioAtMost;

import java.util.ArrayList;
import java.util.List;

/** What a proxy is to reach, in groups. */
public final class Goals {

    private static final String BARE = "bare loop";
    private static final String NCHAN = "nchan";
    private static final String WEB_SOCKET = "WEB_SOCKET";
    private static final List<String> KINDS = List.of(WEB_SOCKET, "EVENTS_BY_QUERY", "EVENTS_BY_BODY");
    private static final int SMALL = 1000;
    private static final int LARGE = 10_000;
    private static final int LARGEST = 19_000;

    private final String proxy;

    /** @param proxy whose goals are looked at */
    public Goals(String proxy) {
        this.proxy = proxy;
    }

    /** A table for each group, in Markdown. */
    public String markdown(Results results) {
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

    private Side side(String scenario, String kind, int size, String metric) {
        return new Side(scenario, kind, proxy, size, metric);
    }

    private List<Goal> fanOut() {
        List<Goal> goals = new ArrayList<>();
        for (int size : new int[] {SMALL, LARGE, LARGEST}) {
            Side cpu = side("fan-out", WEB_SOCKET, size, "cpuMicrosPerDelivery");
            goals.add(ratioAtMost(cpu, cpu.of(BARE), 1.10));
            goals.add(ratioAtMost(cpu, cpu.of(NCHAN), 0.85));
        }
        Side growth = side("fan-out", WEB_SOCKET, LARGEST, "cpuMicrosPerDelivery");
        goals.add(ratioAtMost(growth, growth.at(SMALL), 1.15));
        Side last = side("fan-out", WEB_SOCKET, LARGE, "untilLastP50Micros");
        goals.add(ratioAtMost(last, last.of(BARE), 1.10));
        return goals;
    }

    private List<Goal> connections() {
        Side large = side("connections", WEB_SOCKET, LARGE, "serverKilobytes");
        Side largest = large.at(LARGEST);
        return List.of(
                atMost(large, 120_000),
                ratioAtMost(largest, largest.of(NCHAN), 1.0),
                atMost(largest, 140_000),
                atMost(side("connections", WEB_SOCKET, LARGEST, "kilobytesPerConnection"), 4),
                atMost(side("connections", WEB_SOCKET, LARGE, "backMicrosPerConnection"), 60));
    }

    private List<Goal> kinds() {
        List<Goal> goals = new ArrayList<>();
        for (int size : new int[] {SMALL, LARGE}) {
            Side webSocket = side("fan-out", WEB_SOCKET, size, "cpuMicrosPerDelivery");
            KINDS.stream().skip(1).forEach(kind -> goals.add(ratioAtMost(webSocket.to(kind), webSocket, 1.15)));
        }
        return goals;
    }

    private List<Goal> latency() {
        List<Goal> goals = new ArrayList<>();
        Side latency = side("latency", WEB_SOCKET, 100, "latencyP50Micros");
        Side late = side("latency", WEB_SOCKET, 100, "latencyP99Micros");
        goals.add(ratioAtMost(latency, latency.of(BARE), 1.25));
        goals.add(ratioAtMost(late, late.of(BARE), 1.25));
        Side half = latency.of(proxy + ", RabbitMQ").at(1);
        Side most = late.of(proxy + ", RabbitMQ").at(1);
        goals.add(moreByAtMost(half, half.of("raw client, stream"), 50));
        goals.add(moreByAtMost(most, most.of("raw client, stream"), 0));
        goals.add(atMost(side("undisturbed", WEB_SOCKET, LARGE, "addedAnsweredP99Micros"), 5000));
        goals.add(atMost(side("undisturbed", WEB_SOCKET, LARGE, "addedLatencyP99Micros"), 5000));
        return goals;
    }

    private List<Goal> publishes() {
        Side confirmed = side("publishes", WEB_SOCKET, 64, "confirmedPerSecond");
        Side broker = confirmed.of(proxy + ", RabbitMQ");
        return List.of(
                ratioAtLeast(broker, confirmed.of("raw client, stream"), 1.0),
                ratioAtLeast(broker, confirmed.of("raw client, quorum"), 1.0),
                ratioAtLeast(confirmed.of(proxy + ", fsync"), confirmed.of("one fsync each"), 20));
    }

    private List<Goal> stalled() {
        return KINDS.stream()
                .map(kind -> side("stalled", kind, 10, "latencyP99Micros"))
                .map(late -> ratioAtMost(late, late.at(0), 1.2))
                .toList();
    }
}
