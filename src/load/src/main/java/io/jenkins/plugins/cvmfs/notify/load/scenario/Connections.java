package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Many subscribers and nothing published: the memory they take; then all are dropped and come back at once, some times, the last
 * time on code that has been compiled. A subscriber is back when it holds the last value.
 *
 * @param settleMillis what a server is given to come to rest before its memory is read
 */
public record Connections(long settleMillis) implements Scenario {

    private static final int AT_ONCE = 1024;
    private static final long SHORT_MILLIS = 1000;
    /** After so many compilers have nothing left to do. */
    private static final int WARM_UP_ROUNDS = 8;

    @Override
    public String title() {
        return "connections";
    }

    @Override
    public String control() {
        return "backMicrosPerConnection";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("startKilobytes", settled(trial, SHORT_MILLIS).residentKilobytes());
        var first = trial.connect(kind, size / 2, 1);
        double half = settled(trial, settleMillis).residentKilobytes();
        var second = trial.connect(kind, size - size / 2, 1);
        Usage connected = trial.usage();
        Usage idle = settled(trial, settleMillis);
        values.put("connectSeconds", first.get("connectSeconds") + second.get("connectSeconds"));
        values.put("serverKilobytes", idle.residentKilobytes());
        values.put("kilobytesPerConnection", (idle.residentKilobytes() - half) / (size - size / 2));
        values.put("idleCpuMillisPerSecond", (idle.cpuSeconds() - connected.cpuSeconds()) * 1e6 / settleMillis);
        comeBack(trial, kind, size, values, "firstBack");
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            var unusedDrop = trial.ask(new Order.Drop());
            var unusedReturn = trial.comeBack(kind, size, AT_ONCE);
        }
        comeBack(trial, kind, size, values, "back");
        return values;
    }

    private void comeBack(Trial trial, SubscriberKind kind, int size, Map<String, Double> values, String name)
            throws IOException {
        var dropped = trial.ask(new Order.Drop());
        Usage before = settled(trial, SHORT_MILLIS);
        var back = trial.comeBack(kind, size, AT_ONCE);
        Usage after = trial.usage();
        values.put(name + "Seconds", back.get("connectSeconds"));
        values.put(name + "MicrosPerConnection", (after.cpuSeconds() - before.cpuSeconds()) * 1e6 / size);
        values.put(name + "Kilobytes", after.residentKilobytes());
        values.put(name + "GeneratorCore", back.get("generatorCore"));
        values.put("broken", back.get("broken") + dropped.get("broken"));
    }

    private static Usage settled(Trial trial, long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return trial.usage();
    }
}
