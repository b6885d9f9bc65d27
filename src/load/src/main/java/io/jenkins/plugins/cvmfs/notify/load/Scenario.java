package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.generator.Outcome;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.Usage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Something that can be measured of a server that has just been started. */
public sealed interface Scenario {

    String title();

    /** The number that tells of the bare loop whether the machine was as always, where the bare loop is measured. */
    default String control() {
        return "latencyP50Micros";
    }

    /**
     * Measures.
     *
     * @param size how many subscribers
     * @return numbers by name; a name ends in its unit
     */
    Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException;

    /**
     * One repository, many subscribers: what a delivery costs the server, and when the last subscriber has the message. Each
     * message is published when all have the one before.
     *
     * @param deliveries how many are measured, about
     * @param warmUp how many go before, so that what is measured has been compiled
     */
    record FanOut(int deliveries, int warmUp) implements Scenario {

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

    /**
     * Many subscribers and nothing published: the memory they take; then all are dropped and reconnect at once, several times, the last
     * time on code that has been compiled. A subscriber is back when it holds the last value.
     *
     * @param settleMillis what a server is given to come to rest before its memory is read
     */
    record Connections(long settleMillis) implements Scenario {

        private static final int AT_ONCE = 1024;
        private static final long SHORT_MILLIS = 1000;
        /** After so many compilers have nothing left to do. */
        private static final int WARM_UP_ROUNDS = 8;

        @Override
        public String title() {
            return "connections";
        }

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            Map<String, Double> values = new LinkedHashMap<>();
            var first = trial.connect(kind, size / 2);
            double half = settled(trial, settleMillis).residentKilobytes();
            var second = trial.connect(kind, size - size / 2);
            Usage idle = settled(trial, settleMillis);
            values.put("connectSeconds", first.get("connectSeconds") + second.get("connectSeconds"));
            values.put("serverKilobytes", idle.residentKilobytes());
            values.put("kilobytesPerConnection", (idle.residentKilobytes() - half) / (size - size / 2));
            for (int round = 0; round <= WARM_UP_ROUNDS; round++) {
                var unusedDrop = trial.ask(new Order.Drop());
                var unusedReturn = trial.ask(new Order.Connect(kind, size, AT_ONCE, false));
            }
            var dropped = trial.ask(new Order.Drop());
            Usage before = settled(trial, SHORT_MILLIS);
            var back = trial.ask(new Order.Connect(kind, size, AT_ONCE, false));
            Usage after = trial.usage();
            values.put("backSeconds", back.get("connectSeconds"));
            values.put("backMicrosPerConnection", (after.cpuSeconds() - before.cpuSeconds()) * 1e6 / size);
            values.put("backKilobytes", after.residentKilobytes());
            values.put("backGeneratorCore", back.get("generatorCore"));
            values.put("broken", back.get("broken") + dropped.get("broken"));
            return values;
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

    /**
     * A steady rate of messages: how long after its time each one arrives, at each subscriber. A message that is late because an
     * earlier one was is as late as it is.
     *
     * @param perSecond messages a second
     * @param warmUpSeconds how long before it is measured
     * @param seconds how long it is measured
     */
    record Latency(int perSecond, double warmUpSeconds, double seconds) implements Scenario {

        @Override
        public String title() {
            return "latency";
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

    /**
     * Publishes as fast as they are answered, on as many connections as the size says; there are no subscribers.
     *
     * @param seconds how long before, and how long it is measured
     */
    record Publishes(double seconds) implements Scenario {

        @Override
        public String title() {
            return "publishes";
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

    /**
     * Some subscribers stop reading: how long a message takes to those that read, and what the server holds for those that do not. A
     * size of 0, without stalled ones, is the control.
     *
     * @param healthy subscribers that read
     * @param perSecond messages a second
     * @param seconds how long before, and how long it is measured
     */
    record Stalled(int healthy, int perSecond, double seconds) implements Scenario {

        @Override
        public String title() {
            return "stalled";
        }

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            var unused = trial.connectWarm(kind, healthy, Trial.WARM_UP_MESSAGES);
            trial.ask(new Order.Rate(perSecond, seconds));
            Usage before = trial.usage();
            if (size > 0) {
                trial.ask(new Order.Connect(kind, size, 64, true));
            }
            trial.ask(new Order.Rate(perSecond, seconds));
            trial.rest();
            Map<String, Double> values = trial.measure(new Order.Rate(perSecond, seconds));
            values.put("grownKilobytes", trial.usage().residentKilobytes() - before.residentKilobytes());
            return values;
        }
    }

    /**
     * A repository with as many subscribers as the size says, and another one with few: what the fan-outs of the first add to the
     * publishes and deliveries of the second. Each has its own generator; but all share the machine's processors, so what is
     * added is not the server's alone.
     *
     * @param few subscribers of the other repository
     * @param perSecond its messages a second
     * @param fanOutsPerSecond messages a second of the first one
     * @param seconds how long without, and how long with fan-outs
     */
    record Undisturbed(int few, int perSecond, int fanOutsPerSecond, double seconds) implements Scenario {

        @Override
        public String title() {
            return "undisturbed";
        }

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.warmPublishing(Trial.WARM_UP_MESSAGES);
            trial.connect(kind, size);
            try (Trial other = trial.beside(1)) {
                other.connect(kind, few);
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
                for (String name :
                        new String[] {"generatorCore", "deliveries", "latencyP50Micros", "latencyP99Micros"}) {
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
}
