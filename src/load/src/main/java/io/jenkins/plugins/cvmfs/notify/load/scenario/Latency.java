package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/**
 * A steady rate of messages: how long after its time each one arrives, at each subscriber. A message that is late because an
 * earlier one was is as late as it is.
 *
 * @param perSecond messages a second
 * @param warmUpSeconds how long before it is measured
 * @param seconds how long it is measured
 */
public record Latency(int perSecond, double warmUpSeconds, double seconds) implements Scenario {

    @Override
    public String title() {
        return "latency";
    }

    @Override
    public String control() {
        return "latencyP50Micros";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        double broken = trial.connectWarm(kind, size, Trial.WARM_UP_MESSAGES);
        var warm = trial.ask(new Order.Rate(perSecond, warmUpSeconds));
        trial.rest();
        Map<String, Double> values = trial.measure(new Order.Rate(perSecond, seconds));
        values.put("broken", broken + warm.get("broken"));
        return values;
    }
}
