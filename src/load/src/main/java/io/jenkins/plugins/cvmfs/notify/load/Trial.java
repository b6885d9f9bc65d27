package io.jenkins.plugins.cvmfs.notify.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.generator.Outcome;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import io.jenkins.plugins.cvmfs.notify.load.server.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fresh server and a fresh generator that loads it. */
public final class Trial implements AutoCloseable {

    private static final List<String> GENERATOR_FLAGS = List.of("-XX:+UseSerialGC", "-Xmx512m");
    private static final String MAIN = "io.jenkins.plugins.cvmfs.notify.load.Load";
    /** An order ends by itself before that, unless the server has stopped answering. */
    private static final Duration LONGEST = Duration.ofSeconds(150);

    private static final long LOOK_MILLIS = 250;
    private static final double IDLE_SECONDS = 0.015;
    private static final int MOST_LOOKS = 20;
    private static final int WARM_UP_RATE = 3000;
    static final int WARM_UP_MESSAGES = 12_000;
    private static final int WARM_UP_ROUNDS = 2;
    /** Subscribers during that: with more of them such a rate is too much for some servers. */
    private static final int FEW = 3;

    private final ObjectMapper json = new ObjectMapper();
    private final Server server;
    private final boolean ownsServer;
    private final ChildProcess generator;

    private Trial(Server server, boolean ownsServer, ChildProcess generator) {
        this.server = server;
        this.ownsServer = ownsServer;
        this.generator = generator;
    }

    static Trial start(Server.Kind kind) throws IOException {
        Server server = kind.start();
        Trial trial = new Trial(server, true, generator());
        try {
            trial.aim(0);
            return trial;
        } catch (IOException e) {
            trial.close();
            throw e;
        }
    }

    private static ChildProcess generator() throws IOException {
        return ChildProcess.start(
                ChildProcess.java(GENERATOR_FLAGS, "-cp", ChildProcess.classPath(), MAIN, "generator"), Path.of("."));
    }

    private void aim(int repository) throws IOException {
        ask(new Order.Target(server.port(), server.dialect(), repository));
    }

    /** Publishes messages at a rate that makes the JVM compile what they use. */
    void warmPublishing(int messages) throws IOException {
        var unused = ask(new Order.Rate(WARM_UP_RATE, (double) messages / WARM_UP_RATE));
    }

    /**
     * Connects subscribers of one repository. Before most of them come, the few that are there are sent two times twelve thousand
     * messages, and the server is left alone after each: a JVM compiles finally what it has called five thousand times, later if its
     * compilers are behind, and looks at that again every thousand calls.
     *
     * @param most messages each time, if fewer
     * @return connections that broke
     */
    double connectWarm(SubscriberKind kind, int count, int most) throws IOException {
        int few = Math.min(FEW, count);
        double broken = connect(kind, few).get("broken");
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            warmPublishing(Math.min(most, WARM_UP_MESSAGES));
            rest();
        }
        return count > few ? broken + connect(kind, count - few).get("broken") : broken;
    }

    /** Waits until the server does nothing any more, such as compile what has just been used; but not for ever. */
    void rest() throws IOException {
        double before;
        double now = usage().cpuSeconds();
        int looks = 0;
        do {
            before = now;
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
            now = usage().cpuSeconds();
        } while (now - before > IDLE_SECONDS && ++looks < MOST_LOOKS);
    }

    /** A second generator for the same server, with another repository; close it before this one. */
    Trial beside(int repository) throws IOException {
        Trial other = new Trial(server, false, generator());
        other.aim(repository);
        return other;
    }

    /** Gives an order and waits for what comes of it. */
    Outcome ask(Order order) throws IOException {
        generator.writeLine(json.writeValueAsString(order));
        Outcome outcome = json.readValue(generator.readLine(LONGEST), Outcome.class);
        if (!outcome.problem().isEmpty()) {
            throw new IOException(outcome.problem());
        }
        return outcome;
    }

    /** Connects subscribers, 64 at once. */
    Outcome connect(SubscriberKind kind, int count) throws IOException {
        return ask(new Order.Connect(kind, count, 64, false));
    }

    Usage usage() throws IOException {
        return server.usage();
    }

    /** Gives an order and returns its outcome with the server's CPU time and memory. */
    Map<String, Double> measure(Order order) throws IOException {
        Usage before = usage();
        Outcome outcome = ask(order);
        Usage after = usage();
        Map<String, Double> values = new LinkedHashMap<>(outcome.values());
        double cpu = after.cpuSeconds() - before.cpuSeconds();
        values.put("serverCpuSeconds", cpu);
        values.put("serverKilobytes", after.residentKilobytes());
        double deliveries = values.getOrDefault("deliveries", 0.0);
        if (deliveries > 0) {
            values.put("cpuMicrosPerDelivery", cpu * 1e6 / deliveries);
        }
        return values;
    }

    @Override
    public void close() {
        generator.close();
        if (ownsServer) {
            server.close();
        }
    }
}
