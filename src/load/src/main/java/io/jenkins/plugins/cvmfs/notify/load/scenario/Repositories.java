package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/**
 * Many repositories with few subscribers each, several on one connection. The size is the number of connections and of
 * repositories.
 *
 * @param each repositories that one connection hears of, and subscribers of one repository
 * @param perSecond messages a second, of one repository after the other
 * @param seconds how long it is measured, and how long before
 */
public record Repositories(int each, int perSecond, double seconds) implements Scenario {

    @Override
    public String title() {
        return "repositories";
    }

    @Override
    public String control() {
        return "cpuMicrosPerDelivery";
    }

    @Override
    public int repositories(int size) {
        return size;
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        var connected = trial.connect(kind, size, each);
        trial.ask(new Order.Rate(perSecond, seconds));
        trial.rest();
        Map<String, Double> values = trial.measure(new Order.Rate(perSecond, seconds));
        values.put("connectSeconds", connected.get("connectSeconds"));
        return values;
    }
}
