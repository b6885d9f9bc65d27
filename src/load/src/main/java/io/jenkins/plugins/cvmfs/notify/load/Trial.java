package io.jenkins.plugins.cvmfs.notify.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.generator.Outcome;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A fresh server and a generator that loads it. */
public final class Trial implements AutoCloseable {

    private static final List<String> GENERATOR_FLAGS = List.of("-XX:+UseSerialGC", "-Xmx512m");
    /** An order ends by itself before that, unless the server has stopped answering. */
    private static final Duration LONGEST = Duration.ofSeconds(150);

    private static final long LOOK_MILLIS = 250;
    private static final double IDLE_SECONDS = 0.015;
    private static final int MOST_LOOKS = 40;
    private static final int WARM_UP_RATE = 3000;
    static final int WARM_UP_MESSAGES = 12_000;
    private static final int WARM_UP_ROUNDS = 2;
    /** Subscribers during that: with more of them such a rate is too much for some servers. */
    private static final int FEW = 3;

    private final ObjectMapper json = new ObjectMapper();
    private final Server server;
    private final boolean ownsServer;
    private final ChildProcess generator;

    private Trial(Server server, boolean ownsServer, int port, int repository, int number) throws IOException {
        this.server = server;
        this.ownsServer = ownsServer;
        this.generator = ChildProcess.load(GENERATOR_FLAGS, "generator");
        try {
            ask(new Order.Target(port, server.dialect(), repository, number));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    static Trial start(Server.Kind kind) throws IOException {
        Server server = kind.start();
        return new Trial(server, true, server.ports().get(0), 0, 0);
    }

    /** A second generator for the same server, with another repository; close it before this one. */
    Trial beside() throws IOException {
        return new Trial(server, false, server.ports().get(0), 1, 0);
    }

    /** A generator with subscribers of the same repository for each further port of the server; to be closed before this one. */
    List<Trial> others() throws IOException {
        List<Trial> others = new ArrayList<>();
        for (int i = 1; i < server.ports().size(); i++) {
            others.add(new Trial(server, false, server.ports().get(i), 0, i));
        }
        return others;
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
     */
    void connectWarm(SubscriberKind kind, int count, int most) throws IOException {
        int few = Math.min(FEW, count);
        connect(kind, few);
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            warmPublishing(Math.min(most, WARM_UP_MESSAGES));
            rest();
        }
        if (count > few) {
            connect(kind, count - few);
        }
    }

    /** Waits until all processes do nothing any more, such as compile what has just been used; but not for ever. */
    void rest() throws IOException {
        double before = 0;
        double now = Cpu.of(this).all();
        for (int looks = 0; now - before > IDLE_SECONDS && looks < MOST_LOOKS; looks++) {
            before = now;
            Server.pause(LOOK_MILLIS);
            now = Cpu.of(this).all();
        }
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

    ChildProcess.Usage usage() throws IOException {
        return server.usage();
    }

    /** CPU time of all that takes part, in seconds. */
    record Cpu(double server, double broker, double client) {

        static Cpu of(Trial trial) throws IOException {
            return new Cpu(
                    trial.usage().cpuSeconds(),
                    trial.server.brokerUsage().cpuSeconds(),
                    ChildProcess.Usage.of(List.of(trial.generator)).cpuSeconds());
        }

        double all() {
            return server + broker + client;
        }

        /** Adds what was used since then, for each message and each delivery. */
        void since(Cpu before, Map<String, Double> values) {
            double deliveries = values.getOrDefault("deliveries", 0.0);
            values.put("serverCpuSeconds", server - before.server);
            if (deliveries > 0) {
                values.put("cpuMicrosPerDelivery", (server - before.server) * 1e6 / deliveries);
            }
            double messages = values.getOrDefault("messages", 0.0);
            if (messages > 0) {
                values.put("serverMicrosPerMessage", (server - before.server) * 1e6 / messages);
                values.put("brokerMicrosPerMessage", (broker - before.broker) * 1e6 / messages);
                values.put("clientMicrosPerMessage", (client - before.client) * 1e6 / messages);
            }
        }
    }

    /** Adds the memory of the service and of its broker. */
    void putMemory(Map<String, Double> values) throws IOException {
        values.put("serverKilobytes", usage().residentKilobytes());
        values.put("brokerKilobytes", server.brokerUsage().residentKilobytes());
    }

    /** Gives an order and returns its outcome with CPU time and memory. */
    Map<String, Double> measure(Order order) throws IOException {
        Cpu before = Cpu.of(this);
        Outcome outcome = ask(order);
        Map<String, Double> values = new LinkedHashMap<>(outcome.values());
        Cpu.of(this).since(before, values);
        putMemory(values);
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
