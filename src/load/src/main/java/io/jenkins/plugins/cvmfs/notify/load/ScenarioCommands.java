package io.jenkins.plugins.cvmfs.notify.load;

import static io.jenkins.plugins.cvmfs.notify.load.ServerName.BARE;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.NCHAN;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_FSYNC;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_RABBITMQ;

import io.jenkins.plugins.cvmfs.notify.load.baseline.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.baseline.OneFsyncEach;
import io.jenkins.plugins.cvmfs.notify.load.baseline.RawAmqpClient;
import io.jenkins.plugins.cvmfs.notify.load.baseline.RawAmqpLatency;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Connections;
import io.jenkins.plugins.cvmfs.notify.load.scenario.FanOut;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Latency;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Publishes;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Repositories;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Stalled;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Undisturbed;
import io.jenkins.plugins.cvmfs.notify.load.scenario.WaitingGates;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One command for each scenario. */
class ScenarioCommands {

    static final List<ServerName> USUAL = List.of(BARE, PROXY, NCHAN);

    private static final String SECONDS = "Seconds measured, and about as many before. Default: ${DEFAULT-VALUE}.";
    private static final String MEASURED = "Seconds measured. Default: ${DEFAULT-VALUE}.";
    private static final String WARM_UP_SECONDS = "--warm-up-seconds";
    private static final String TEN = "10";
    private static final String WARM_UP = "Seconds before, at the same rate. Default: ${DEFAULT-VALUE}.";
    private static final String RATE = "Messages a second. Default: ${DEFAULT-VALUE}.";
    private static final String FIVE_HUNDRED = "500";

    @Command(name = "fan-out", description = "CPU for each delivery, and time until the last subscriber has a message.")
    int fanOut(
            @Mixin SessionOptions options,
            @Option(names = "--deliveries", defaultValue = "300000", description = "Deliveries measured, about.")
                    int deliveries,
            @Option(names = "--warm-up", defaultValue = "200000", description = "Deliveries before.") int warmUp) {
        return options.run(new FanOut(deliveries, warmUp), USUAL, List.of(1000, 10_000, 19_000), List.of());
    }

    @Command(
            name = "connections",
            description = "Memory of idle subscribers; time and CPU until all are back after a drop.")
    int connections(
            @Mixin SessionOptions options,
            @Option(names = "--settle-millis", defaultValue = "5500", description = "Rest before memory is read.")
                    long settleMillis) {
        return options.run(new Connections(settleMillis), List.of(PROXY, NCHAN), List.of(10_000, 19_000), List.of());
    }

    @Command(name = "latency", description = "Time from when a message was to be sent until a subscriber has it.")
    int latency(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = FIVE_HUNDRED, description = RATE) int rate,
            @Option(names = WARM_UP_SECONDS, defaultValue = TEN, description = WARM_UP) double warmUp,
            @Option(names = "--seconds", defaultValue = "5", description = MEASURED) double seconds) {
        return options.run(new Latency(rate, warmUp, seconds), USUAL, List.of(100), List.of());
    }

    @Command(name = "broker-latency", description = "The same through RabbitMQ, beside its own client.")
    int brokerLatency(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = FIVE_HUNDRED, description = RATE) int rate,
            @Option(names = WARM_UP_SECONDS, defaultValue = TEN, description = WARM_UP) double warmUp,
            @Option(names = "--seconds", defaultValue = "5", description = MEASURED) double seconds) {
        return options.run(
                new Latency(rate, warmUp, seconds),
                List.of(BARE, PROXY_RABBITMQ),
                List.of(1),
                rawLatency(rate, warmUp, seconds));
    }

    static List<Baseline> rawLatency(int rate, double warmUp, double seconds) {
        return withBroker(List.of(
                new RawAmqpLatency("stream", rate, warmUp, seconds),
                new RawAmqpLatency("quorum", rate, warmUp, seconds)));
    }

    @Command(name = "stalled", description = "The same while as many as --subscribers, beside 100, do not read.")
    int stalled(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = FIVE_HUNDRED, description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "4", description = SECONDS) double seconds) {
        return options.run(new Stalled(100, rate, seconds), USUAL, List.of(0, 10), List.of());
    }

    @Command(
            name = "undisturbed",
            description = "What fan-outs to --subscribers add to publishes and deliveries of another repository.")
    int undisturbed(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "50", description = RATE) int rate,
            @Option(names = "--fan-outs", defaultValue = "2", description = "Fan-outs a second.") int fanOuts,
            @Option(names = "--seconds", defaultValue = "6", description = SECONDS) double seconds) {
        return options.run(
                new Undisturbed(5, rate, fanOuts, seconds, options.messageBytes()),
                List.of(PROXY, NCHAN),
                List.of(10_000),
                List.of());
    }

    @Command(name = "repositories", description = "As many repositories as --subscribers, with five subscribers each.")
    int repositories(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "1000", description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "5", description = SECONDS) double seconds) {
        return options.run(new Repositories(5, rate, seconds), List.of(PROXY), List.of(10_000), List.of());
    }

    @Command(name = "gates", description = "What an announcement costs as many waiting gates as --subscribers.")
    int gates(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "4", description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "5", description = SECONDS) double seconds) {
        return options.run(new WaitingGates(rate, seconds), List.of(PROXY), List.of(10_000), List.of());
    }

    @Command(
            name = "publishes",
            description = "Confirmed publishes a second, on as many connections as --subscribers, beside RabbitMQ's own"
                    + " client and one fsync for each message.")
    int publishes(
            @Mixin SessionOptions options,
            @Option(
                            names = "--folder",
                            defaultValue = "${sys:java.io.tmpdir}",
                            description = "On the disk that is measured. Default: ${DEFAULT-VALUE}.")
                    Path folder,
            @Option(names = "--seconds", defaultValue = "4", description = SECONDS) double seconds) {
        return options.run(
                new Publishes(seconds),
                List.of(PROXY_RABBITMQ, PROXY_FSYNC),
                List.of(64),
                rawPublishes(folder, seconds));
    }

    static List<Baseline> rawPublishes(Path folder, double seconds) {
        List<Baseline> baselines = new ArrayList<>(
                withBroker(List.of(new RawAmqpClient("stream", seconds), new RawAmqpClient("quorum", seconds))));
        baselines.add(new OneFsyncEach(folder, seconds));
        return baselines;
    }

    private static List<Baseline> withBroker(List<Baseline> baselines) {
        if (RabbitMqNode.isInstalled()) {
            return baselines;
        }
        System.out.println("raw client: not run, rabbitmq-server is not installed");
        return List.of();
    }
}
