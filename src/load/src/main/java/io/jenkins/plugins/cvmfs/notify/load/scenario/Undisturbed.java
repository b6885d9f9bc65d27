package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.generator.Outcome;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A repository with as many subscribers as the size says, and another one with few: what the fan-outs of the first add to the
 * publishes and deliveries of the second. Each has a generator of its own; but all share the machine's processors, so what is
 * added is not the server's alone.
 *
 * @param few subscribers of the other repository
 * @param perSecond its messages a second
 * @param fanOutsPerSecond messages a second of the first one
 * @param seconds how long without, and how long with fan-outs
 * @param messageBytes length of a message
 */
public record Undisturbed(int few, int perSecond, int fanOutsPerSecond, double seconds, int messageBytes)
        implements Scenario {

    @Override
    public String title() {
        return "undisturbed";
    }

    @Override
    public String control() {
        return "quietLatencyP50Micros";
    }

    @Override
    public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
        trial.warmPublishing();
        trial.connect(kind, size, 1);
        try (Trial other = trial.beside(1, messageBytes)) {
            other.connect(kind, few, 1);
            trial.ask(new Order.Rate(fanOutsPerSecond, seconds / 2));
            other.ask(new Order.Rate(perSecond, seconds / 2));
            trial.rest();
            Outcome quiet = other.ask(new Order.Rate(perSecond, seconds));
            CompletableFuture<Outcome> fanOuts = CompletableFuture.supplyAsync(() -> fanOut(trial));
            Outcome busy = other.ask(new Order.Rate(perSecond, seconds));
            Map<String, Double> values = new LinkedHashMap<>();
            put(quiet, busy, "answered", values);
            put(quiet, busy, "latency", values);
            Outcome fanOut = fanOuts.join();
            for (String name : new String[] {"generatorCore", "deliveries", "latencyP50Micros", "latencyP99Micros"}) {
                values.put(name, fanOut.get(name));
            }
            return values;
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** A little longer than it is looked at. */
    private Outcome fanOut(Trial trial) {
        try {
            return trial.ask(new Order.Rate(fanOutsPerSecond, seconds + 0.5));
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static void put(Outcome quiet, Outcome busy, String what, Map<String, Double> to) {
        String capital = Character.toUpperCase(what.charAt(0)) + what.substring(1);
        for (String percentile : new String[] {"P50Micros", "P99Micros"}) {
            double without = quiet.get(what + percentile);
            double with = busy.get(what + percentile);
            to.put("quiet" + capital + percentile, without);
            to.put("busy" + capital + percentile, with);
            to.put("added" + capital + percentile, with - without);
        }
    }
}
