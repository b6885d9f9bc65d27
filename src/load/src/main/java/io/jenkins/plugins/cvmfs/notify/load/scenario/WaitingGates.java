package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.process.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The Jenkins side: as many gates as the size says wait in one process, behind one connection to the server, for a revision that
 * does not come; each announcement is heard by all of them.
 *
 * @param perSecond announcements a second
 * @param seconds how long before, and how long it is measured
 */
public record WaitingGates(int perSecond, double seconds) implements Scenario {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String MAIN = "io.jenkins.plugins.cvmfs.notify.load.Main";

    @Override
    public String title() {
        return "gates";
    }

    @Override
    public String control() {
        return "cpuMicrosPerAnnouncement";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        try (ChildProcess gates = ChildProcess.start(
                ChildProcess.java(
                        List.of("-XX:+UseSerialGC", "-Xmx512m"),
                        "-cp",
                        ChildProcess.classPath(),
                        MAIN,
                        "gates-process"),
                Path.of("."))) {
            gates.writeLine("enter %d %s".formatted(size, trial.url()));
            double bytes = Double.parseDouble(gates.readLine(LONGEST));
            trial.ask(new Order.Rate(perSecond, seconds));
            double before = cpuNanos(gates);
            var published = trial.ask(new Order.Rate(perSecond, seconds));
            double each = (cpuNanos(gates) - before) / published.get("messages") / 1000;
            return Map.of(
                    "bytesPerGate",
                    bytes,
                    "cpuMicrosPerAnnouncement",
                    each,
                    "cpuNanosPerGateAndAnnouncement",
                    each * 1000 / size);
        }
    }

    private static double cpuNanos(ChildProcess gates) throws IOException {
        gates.writeLine("rest");
        return Double.parseDouble(gates.readLine(LONGEST).split(" ", -1)[0]);
    }
}
