package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/**
 * Publishes as fast as they are answered, on as many connections as the size says; nobody is subscribed.
 *
 * @param seconds how long before, and how long it is measured
 */
public record Publishes(double seconds) implements Scenario {

    @Override
    public String title() {
        return "publishes";
    }

    @Override
    public String control() {
        return "confirmedPerSecond";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        trial.ask(new Order.Flood(size, 2 * seconds));
        trial.rest();
        Map<String, Double> values = trial.measure(new Order.Flood(size, seconds));
        values.put(
                "cpuMicrosPerPublish",
                values.getOrDefault("serverCpuSeconds", 0.0) * 1e6 / values.getOrDefault("messages", 0.0));
        return values;
    }
}
