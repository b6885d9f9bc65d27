package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/**
 * One repository, many subscribers: what a delivery costs the server, and when the last subscriber has the message. Each
 * message is published when all have the one before.
 *
 * @param deliveries how many are measured, about
 * @param warmUp how many go before, so that what is measured has been compiled
 */
public record FanOut(int deliveries, int warmUp) implements Scenario {

    private static final int FEWEST_MESSAGES = 10;

    @Override
    public String title() {
        return "fan-out";
    }

    @Override
    public String control() {
        return "cpuMicrosPerDelivery";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        var unused = trial.connectWarm(kind, size, warmUp);
        trial.ask(new Order.Burst(messages(warmUp, size)));
        trial.rest();
        return trial.measure(new Order.Burst(messages(deliveries, size)));
    }

    private static int messages(int total, int size) {
        return Math.max(FEWEST_MESSAGES, total / size);
    }
}
