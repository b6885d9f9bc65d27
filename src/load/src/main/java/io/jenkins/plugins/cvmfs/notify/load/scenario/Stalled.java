package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/**
 * Some subscribers stop reading: how long a message takes to those that read, and what the server holds for those that do not. A
 * size of 0, nobody stalled, is what the others are compared with.
 *
 * @param healthy subscribers that read
 * @param perSecond messages a second
 * @param seconds how long before, and how long it is measured
 */
public record Stalled(int healthy, int perSecond, double seconds) implements Scenario {

    @Override
    public String title() {
        return "stalled";
    }

    @Override
    public String control() {
        return "latencyP50Micros";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        var unused = trial.connectWarm(kind, healthy, Trial.WARM_UP_MESSAGES);
        trial.ask(new Order.Rate(perSecond, seconds));
        Usage before = trial.usage();
        if (size > 0) {
            trial.connectStalled(kind, size);
        }
        trial.ask(new Order.Rate(perSecond, seconds));
        trial.rest();
        Map<String, Double> values = trial.measure(new Order.Rate(perSecond, seconds));
        values.put("grownKilobytes", trial.usage().residentKilobytes() - before.residentKilobytes());
        return values;
    }
}
