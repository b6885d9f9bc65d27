package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Effect;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Result;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Violation;
import io.jenkins.plugins.cvmfs.notify.proxy.history.Schedule.BrokerDeed;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerFault;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.ClusterFault;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Mode;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.LocalCluster;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random schedules against a real broker: a few with the same seeds in each build; under the profile {@code abuse} many with new ones,
 * or as many as {@code -Dhistory.schedules} says, from {@code -Dhistory.seed} on, for {@code -Dhistory.minutes}. Proxies run with a clock,
 * a network and a disk of the test's. A history with a violation is written to {@code target/histories}, as are the totals of all runs.
 */
@NeedsRabbitMq(owned = true)
@Timeout(300)
class HistoryIT {

    private static final long USUAL_SEED = 1;
    private static final int SCHEDULES = Integer.getInteger("history.schedules", Effort.choose(2, 200));

    /** After so many no other schedule begins. */
    private static final int MINUTES = Integer.getInteger("history.minutes", 10_000);

    private static final HistoryTotals TOTALS =
            new HistoryTotals(Path.of(System.getProperty("history.totals", "target/histories/schedules.jsonl")));

    private final OwnedBroker broker;
    private boolean isDamaged = true;

    @TempDir
    Path folder;

    HistoryIT(OwnedBroker broker) {
        this.broker = broker;
    }

    /** The faults of one broker. */
    private record OnBroker(BrokerFault fault, OwnedBroker broker, AmqpSettings amqp) implements BrokerDeed {

        @Override
        public String kind() {
            return "broker: " + fault;
        }

        @Override
        public String name() {
            return kind();
        }

        /** An alarm stops the reading of what publishers have sent. */
        @Override
        public Effect effect() {
            return switch (fault) {
                case FROZEN, OUT_OF_MEMORY, OUT_OF_DISK -> Effect.HELD_UP;
                case KILLED, RIGHTS_TAKEN, EXCHANGE_DELETED, STREAM_DELETED -> Effect.NOW_OR_NEVER;
            };
        }

        @Override
        public void strike() {
            fault.strike(broker, amqp);
        }

        @Override
        public void heal() {
            fault.heal(broker, amqp);
        }
    }

    /** The faults of one node of a cluster. */
    private record OnNode(ClusterFault fault, LocalCluster cluster, int node) implements BrokerDeed {

        @Override
        public String kind() {
            return "node: " + fault;
        }

        @Override
        public String name() {
            return "node %d: %s".formatted(node + 1, fault);
        }

        /** Two nodes go on without the third, which has messages that it could not pass on. */
        @Override
        public Effect effect() {
            return switch (fault) {
                case FROZEN, PARTITIONED -> Effect.HELD_UP;
                case KILLED -> Effect.NOW_OR_NEVER;
            };
        }

        @Override
        public void strike() {
            fault.strike(cluster, node);
        }

        @Override
        public void heal() {
            fault.heal(cluster, node);
        }
    }

    @AfterEach
    void healBroker() {
        if (!isDamaged) {
            return;
        }
        broker.start();
        broker.thaw();
        AmqpSettings amqp = broker.amqp();
        for (BrokerFault fault : BrokerFault.values()) {
            if (fault != BrokerFault.KILLED && fault != BrokerFault.FROZEN) {
                fault.heal(broker, amqp);
            }
        }
    }

    @AfterAll
    static void printTotals() throws IOException {
        TOTALS.table().forEach(Programs::announce);
    }

    private static Mode mode(long seed) {
        return seed % 2 == 0 ? Mode.STREAM : Mode.QUEUE;
    }

    static LongStream seeds() {
        long limit = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
        long first = Optional.ofNullable(Long.getLong("history.seed"))
                .orElseGet(() -> Effort.isLong() ? new Random().nextLong() >>> 16 : USUAL_SEED);
        return LongStream.range(first, first + SCHEDULES).takeWhile(seed -> System.nanoTime() - limit < 0);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyHistoryKeepsAllPromises(long seed) throws Exception {
        Mode mode = mode(seed);
        AmqpSettings amqp = mode.on(broker);
        List<OnBroker> deeds = Arrays.stream(BrokerFault.values())
                .filter(fault -> fault != BrokerFault.STREAM_DELETED || mode == Mode.STREAM)
                .map(fault -> new OnBroker(fault, broker, amqp))
                .toList();
        run(seed, "one broker", mode, amqp, deeds);
    }

    @Test
    @Timeout(7200)
    @EnabledIfSystemProperty(
            named = "cvmfs.notify.test.cluster",
            matches = "true",
            disabledReason = "three RabbitMQ nodes take a minute to start; -Dcvmfs.notify.test.cluster=true runs it")
    void everyHistoryOnAClusterKeepsAllPromises() throws Exception {
        try (LocalCluster cluster = LocalCluster.launch(3)) {
            for (long seed : (Iterable<Long>) seeds().boxed()::iterator) {
                Mode mode = mode(seed);
                AmqpSettings amqp = mode.on(cluster.amqp());
                run(seed, "cluster of three", mode, amqp, deeds(cluster, amqp, mode));
            }
        }
    }

    private static List<BrokerDeed> deeds(LocalCluster cluster, AmqpSettings amqp, Mode mode) {
        List<BrokerDeed> deeds = new ArrayList<>();
        for (int i = 0; i < cluster.nodes().size(); i++) {
            int node = i;
            Arrays.stream(ClusterFault.values())
                    .map(fault -> new OnNode(fault, cluster, node))
                    .forEach(deeds::add);
        }
        Arrays.stream(BrokerFault.values())
                .filter(fault -> fault != BrokerFault.FROZEN && fault != BrokerFault.KILLED)
                .filter(fault -> fault != BrokerFault.STREAM_DELETED || mode == Mode.STREAM)
                .map(fault -> new OnBroker(fault, cluster.nodes().get(0), amqp))
                .forEach(deeds::add);
        return deeds;
    }

    private void run(long seed, String brokers, Mode mode, AmqpSettings amqp, List<? extends BrokerDeed> deeds)
            throws Exception {
        Schedule schedule = new Schedule(seed, amqp, deeds, Files.createDirectories(folder.resolve("seed" + seed)));
        History history = schedule.history();
        try {
            schedule.run();
            isDamaged = false;
        } catch (AssertionError | RuntimeException e) {
            keep(seed, history, history.repositories());
            TOTALS.add(seed, brokers, mode.name(), history, HistoryChecker.check(history), true);
            throw new AssertionError("schedule %d, %s: %s".formatted(seed, mode, e.getMessage()), e);
        }
        Result result = HistoryChecker.check(history);
        List<Violation> violations = result.violations();
        TOTALS.add(seed, brokers, mode.name(), history, result, !violations.isEmpty());
        Programs.announce(
                "history: seed %d, %s, %s, %s: %d accepted, %d refused, %d not answered, %d connections, %d receipts, recovered in %s, %d late, %d violations"
                        .formatted(
                                seed,
                                brokers,
                                mode,
                                history.faults(),
                                history.count(Outcome.ACCEPTED),
                                history.count(Outcome.REFUSED),
                                history.count(Outcome.UNANSWERED),
                                history.connections().size(),
                                history.receipts(),
                                history.recovery().orElseThrow(),
                                result.late(),
                                violations.size()));
        keep(
                seed,
                history,
                violations.stream().map(Violation::repository).distinct().toList());
        assertThat(violations)
                .as("schedule %d, %s; -Dhistory.seed repeats it", seed, mode)
                .isEmpty();
        assertThat(history.count(Outcome.ACCEPTED)).as("accepted").isPositive();
    }

    private static void keep(long seed, History history, List<String> repositories) throws IOException {
        for (String repository : repositories) {
            Path file = Files.createDirectories(Path.of("target/histories")).resolve(seed + "-" + repository + ".txt");
            Files.write(file, history.tell(repository));
        }
    }
}
