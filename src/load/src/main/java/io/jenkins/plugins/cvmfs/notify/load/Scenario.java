package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.Order;
import io.jenkins.plugins.cvmfs.notify.load.generator.Outcome;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.ChildProcess.Usage;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;

/** Something that can be measured of a server that has just been started. */
public sealed interface Scenario {

    /** Returns the name in the tables: that of the class, as {@code fan-out}. */
    default String title() {
        return getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

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
        public String control() {
            return "cpuMicrosPerDelivery";
        }

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.connectWarm(kind, size, warmUp);
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
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            Map<String, Double> values = new LinkedHashMap<>();
            trial.connect(kind, size / 2);
            double half = settled(trial, settleMillis).residentKilobytes();
            trial.connect(kind, size - size / 2);
            Usage idle = settled(trial, settleMillis);
            values.put("serverKilobytes", idle.residentKilobytes());
            values.put("kilobytesPerConnection", (idle.residentKilobytes() - half) / (size - size / 2));
            for (int round = 0; round <= WARM_UP_ROUNDS; round++) {
                trial.ask(new Order.Drop());
                trial.ask(new Order.Connect(kind, size, AT_ONCE, false));
            }
            trial.ask(new Order.Drop());
            Usage before = settled(trial, SHORT_MILLIS);
            var back = trial.ask(new Order.Connect(kind, size, AT_ONCE, false));
            Usage after = trial.usage();
            values.put("backSeconds", back.get("connectSeconds"));
            values.put("backMicrosPerConnection", (after.cpuSeconds() - before.cpuSeconds()) * 1e6 / size);
            return values;
        }

        private static Usage settled(Trial trial, long millis) throws IOException {
            Server.pause(millis);
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
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.connectWarm(kind, size, Trial.WARM_UP_MESSAGES);
            trial.ask(new Order.Rate(perSecond, warmUpSeconds));
            trial.rest();
            return trial.measure(new Order.Rate(perSecond, seconds));
        }
    }

    /**
     * Publishes as fast as they are answered, as many at a time as the size says, without subscribers. Compilers get the pauses before.
     *
     * @param seconds how long before each pause, and how long it is measured
     */
    record Publishes(double seconds) implements Scenario {

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            for (int i = 0; i < 4; i++) {
                trial.ask(new Order.Flood(size, seconds));
                trial.rest();
            }
            return trial.measure(new Order.Flood(size, seconds));
        }
    }

    /**
     * One repository, and as many subscribers as the size says at each proxy of one broker: how long until the last of all has a message
     * that was published to the first proxy, and what a delivery costs. Each message is published when all have the one before.
     *
     * @param warmUp messages before
     * @param messages how many are measured
     */
    record ScaleOut(int warmUp, int messages) implements Scenario {

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.connectWarm(kind, 1, Trial.WARM_UP_MESSAGES / 10);
            List<Trial> others = trial.others();
            try {
                trial.connect(kind, size - 1);
                for (Trial other : others) {
                    other.connect(kind, size);
                }
                var unused = publish(trial, others, 0, warmUp);
                trial.rest();
                Trial.Cpu before = Trial.Cpu.of(trial);
                Map<String, Double> values = publish(trial, others, warmUp, messages);
                values.put("deliveries", (double) messages * size * (1 + others.size()));
                Trial.Cpu.of(trial).since(before, values);
                trial.putMemory(values);
                return values;
            } finally {
                others.forEach(Trial::close);
            }
        }

        /** @param already messages that the others have had since they connected */
        private static Map<String, Double> publish(Trial trial, List<Trial> others, int already, int count)
                throws IOException {
            Histogram untilLast = new Histogram(3);
            for (int i = 1; i <= count; i++) {
                Outcome published = trial.ask(new Order.Burst(1));
                double last = published.get("lastMicros");
                for (Trial other : others) {
                    last = Math.max(
                            last, other.ask(new Order.Expect(already + i)).get("lastMicros"));
                }
                untilLast.recordValue((long) ((last - published.get("sentMicros")) * 1000));
            }
            Map<String, Double> values = new LinkedHashMap<>(Map.of("messages", (double) count));
            Outcome.putPercentiles(values, "untilLast", untilLast);
            return values;
        }
    }

    /**
     * Some subscribers stop reading: how long a message takes to others, and what is held for those. A size of 0 is the control.
     *
     * @param healthy subscribers that read
     * @param perSecond messages a second
     * @param seconds how long before, and how long it is measured
     */
    record Stalled(int healthy, int perSecond, double seconds) implements Scenario {

        @Override
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.connectWarm(kind, healthy, Trial.WARM_UP_MESSAGES);
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
        public Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException {
            trial.warmPublishing(Trial.WARM_UP_MESSAGES);
            trial.connect(kind, size);
            try (Trial other = trial.beside()) {
                other.connect(kind, few);
                trial.ask(new Order.Rate(fanOutsPerSecond, seconds / 2));
                other.ask(new Order.Rate(perSecond, seconds / 2));
                trial.rest();
                Outcome quiet = other.ask(new Order.Rate(perSecond, seconds));
                CompletableFuture<Outcome> fanOuts = CompletableFuture.supplyAsync(() -> fanOut(trial));
                Outcome busy = other.ask(new Order.Rate(perSecond, seconds));
                Map<String, Double> values = new LinkedHashMap<>(fanOuts.join().values());
                for (String what : List.of("AnsweredP99Micros", "LatencyP99Micros")) {
                    String name = Character.toLowerCase(what.charAt(0)) + what.substring(1);
                    values.put("quiet" + what, quiet.get(name));
                    values.put("busy" + what, busy.get(name));
                    values.put("added" + what, busy.get(name) - quiet.get(name));
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
    }
}
