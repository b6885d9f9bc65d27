package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.scenario.FanOut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "fan-out", description = "CPU for each delivery, and time until the last subscriber has a message.")
final class FanOutCommand implements Runnable {

    @Mixin
    private SessionOptions options = new SessionOptions();

    @Option(names = "--deliveries", description = "Deliveries measured, about. Default: ${DEFAULT-VALUE}.")
    private int deliveries = 300_000;

    @Option(names = "--warm-up", description = "Deliveries before. Default: ${DEFAULT-VALUE}.")
    private int warmUp = 200_000;

    @Override
    public void run() {
        options.run(new FanOut(deliveries, warmUp));
    }
}
