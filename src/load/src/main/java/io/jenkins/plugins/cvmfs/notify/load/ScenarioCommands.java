package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.baseline.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.baseline.OneFsyncEach;
import io.jenkins.plugins.cvmfs.notify.load.baseline.RawAmqpClient;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.scenario.BaselineSession;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Connections;
import io.jenkins.plugins.cvmfs.notify.load.scenario.FanOut;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Latency;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Publishes;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Repositories;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Stalled;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One command for each scenario. */
class ScenarioCommands {

    private static final String SECONDS = "Seconds measured, and about as many before. Default: ${DEFAULT-VALUE}.";
    private static final String RATE = "Messages a second. Default: ${DEFAULT-VALUE}.";

    @Command(name = "fan-out", description = "CPU for each delivery, and time until the last subscriber has a message.")
    void fanOut(
            @Mixin SessionOptions options,
            @Option(names = "--deliveries", defaultValue = "300000", description = "Deliveries measured, about.")
                    int deliveries,
            @Option(names = "--warm-up", defaultValue = "200000", description = "Deliveries before.") int warmUp) {
        options.run(new FanOut(deliveries, warmUp));
    }

    @Command(
            name = "connections",
            description = "Memory of idle subscribers; time and CPU until all are back after a drop.")
    void connections(
            @Mixin SessionOptions options,
            @Option(names = "--settle-millis", defaultValue = "3000", description = "Rest before memory is read.")
                    long settleMillis) {
        options.run(new Connections(settleMillis));
    }

    @Command(name = "latency", description = "Time from when a message was to be sent until a subscriber has it.")
    void latency(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "500", description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "10", description = SECONDS) double seconds) {
        options.run(new Latency(rate, seconds, seconds));
    }

    @Command(name = "stalled", description = "The same while as many as --subscribers, beside 100, do not read.")
    void stalled(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "500", description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "5", description = SECONDS) double seconds) {
        options.run(new Stalled(100, rate, seconds));
    }

    @Command(name = "repositories", description = "As many repositories as --subscribers, with five subscribers each.")
    void repositories(
            @Mixin SessionOptions options,
            @Option(names = "--rate", defaultValue = "1000", description = RATE) int rate,
            @Option(names = "--seconds", defaultValue = "10", description = SECONDS) double seconds) {
        options.run(new Repositories(5, rate, seconds));
    }

    @Command(name = "publishes", description = "Confirmed publishes a second, on as many connections as --subscribers.")
    void publishes(
            @Mixin SessionOptions options,
            @Option(names = "--seconds", defaultValue = "5", description = SECONDS) double seconds) {
        options.run(new Publishes(seconds));
    }

    @Command(
            name = "baselines",
            description =
                    "What publishing costs without a service: one fsync for each message, and RabbitMQ's own client.")
    void baselines(
            @Option(names = "--amqp", description = "A broker, as amqp://USER:PASSWORD@HOST:PORT/VHOST.") @Nullable
                    URI amqp,
            @Option(names = "--folder", defaultValue = ".", description = "On the disk to be measured.") Path folder,
            @Option(names = "--seconds", defaultValue = "5", description = SECONDS) double seconds,
            @Option(names = "--samples", defaultValue = "samples.jsonl", description = "Where samples are appended.")
                    Path samples)
            throws IOException {
        List<Baseline> baselines = new ArrayList<>(List.of(new OneFsyncEach(folder)));
        if (amqp == null) {
            System.out.println("raw AMQP client: not run, no broker given by --amqp");
        } else {
            baselines.add(new RawAmqpClient(amqp, "quorum"));
            baselines.add(new RawAmqpClient(amqp, "stream"));
        }
        new BaselineSession(new SampleFile(samples), System.out).run(baselines, seconds);
    }
}
