package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.MessageProperties;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.LocalCluster;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What RabbitMQ alone, without any proxy, still has of what it confirmed when the power of its machines fails. Prints how many publishes
 * a second it took meanwhile, and how many of those confirmed are lost.
 */
@Timeout(900)
@EnabledIfSystemProperty(
        named = "cvmfs.notify.test.cluster",
        matches = "true",
        disabledReason = "three RabbitMQ nodes take a minute to start; -Dcvmfs.notify.test.cluster=true runs it")
class BrokerPowerLossIT {

    private static final int IN_FLIGHT = 64;
    private static final int LENGTH = 300;
    private static final Duration LOAD = Duration.ofSeconds(4);
    private static final Duration LONGEST_START = Duration.ofMinutes(4);

    /** The two kinds of queues that are replicated. */
    enum Kind {
        STREAM,
        QUORUM
    }

    @TempDir
    Path folder;

    /** Publishes numbers until it is stopped, and knows which of them are confirmed. */
    private static final class Publisher {

        private final Set<Long> confirmed = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final Thread thread;

        Publisher(Connection connection, String queue) throws IOException {
            Channel channel = connection.createChannel();
            Semaphore window = new Semaphore(IN_FLIGHT);
            ConcurrentNavigableMap<Long, Long> unconfirmed = new ConcurrentSkipListMap<>();
            channel.confirmSelect();
            channel.addConfirmListener(
                    (number, multiple) -> {
                        Map<Long, Long> upTo = multiple
                                ? unconfirmed.headMap(number, true)
                                : unconfirmed.subMap(number, true, number, true);
                        List<Long> all = List.copyOf(upTo.values());
                        upTo.clear();
                        confirmed.addAll(all);
                        window.release(all.size());
                    },
                    (number, multiple) -> {});
            thread = new Thread(() -> publish(channel, queue, window, unconfirmed), "publisher");
            thread.start();
        }

        private void publish(
                Channel channel, String queue, Semaphore window, ConcurrentNavigableMap<Long, Long> unconfirmed) {
            try {
                for (long number = 0; !stopped.get(); number++) {
                    if (window.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                        unconfirmed.put(channel.getNextPublishSeqNo(), number);
                        byte[] body =
                                ByteBuffer.allocate(LENGTH).putLong(number).array();
                        channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
                    } else {
                        number--;
                    }
                }
            } catch (IOException | InterruptedException | RuntimeException powerLost) {
                // As expected.
            }
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            thread.join();
        }
    }

    @ParameterizedTest
    @CsvSource({"QUORUM,1,1", "STREAM,1,1", "STREAM,3,1", "STREAM,3,3", "QUORUM,3,1", "QUORUM,3,3"})
    void aPowerCutTakesOnlyWhatNoMachineHasOnItsDisk(Kind kind, int nodes, int losing) throws Exception {
        List<LosingDisk> disks = new ArrayList<>();
        try {
            List<Path> folders = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                disks.add(LosingDisk.create(Files.createDirectory(folder.resolve("node" + i)), 2_048));
                folders.add(Files.createDirectory(disks.get(i).path().resolve("broker")));
            }
            try (LocalCluster cluster = LocalCluster.launchIn(folders)) {
                measure(kind, cluster, disks, losing);
            } catch (UnavailableException e) {
                Assumptions.abort(e.getMessage());
            }
        } finally {
            for (LosingDisk disk : disks) {
                disk.close();
            }
        }
    }

    private static void measure(Kind kind, LocalCluster cluster, List<LosingDisk> disks, int losing) throws Exception {
        OwnedBroker leader = cluster.nodes().get(0);
        String queue = "power";
        List<OwnedBroker> struck = cluster.nodes().subList(0, losing);
        Connection connection = connect(leader.amqp());
        connection
                .createChannel()
                .queueDeclare(
                        queue,
                        true,
                        false,
                        false,
                        Map.of(
                                "x-queue-type",
                                kind.name().toLowerCase(Locale.ROOT),
                                "x-queue-leader-locator",
                                "client-local"));
        for (LosingDisk disk : disks) {
            disk.sync();
        }
        Publisher publisher = new Publisher(connection, queue);
        LockSupport.parkNanos(LOAD.toNanos());
        struck.forEach(OwnedBroker::freeze);
        for (LosingDisk disk : disks.subList(0, losing)) {
            disk.cutPower();
        }
        publisher.stop();
        struck.forEach(OwnedBroker::kill);
        connection.abort();
        for (LosingDisk disk : disks.subList(0, losing)) {
            disk.restorePower();
        }
        // All at once: each waits for the others, of which one may know more.
        List<CompletableFuture<Void>> starts = struck.stream()
                .map(node -> CompletableFuture.runAsync(
                        node::start, command -> new Thread(command, "start of a node").start()))
                .toList();
        starts.forEach(CompletableFuture::join);
        Set<Long> kept =
                readAll(kind, cluster.nodes().get(cluster.nodes().size() - 1).amqp(), queue, publisher.confirmed);
        long lost = publisher.confirmed.stream()
                .filter(number -> !kept.contains(number))
                .count();
        Programs.announce("power loss: %s on %d nodes, power of %d: %d confirmed in %d s, %d of them lost"
                .formatted(kind, cluster.nodes().size(), losing, publisher.confirmed.size(), LOAD.toSeconds(), lost));
        assertThat(publisher.confirmed).isNotEmpty();
        if (kind == Kind.QUORUM || losing < cluster.nodes().size()) {
            assertThat(lost).isZero();
        }
    }

    private static Connection connect(AmqpSettings amqp) throws IOException, TimeoutException {
        ConnectionFactory factory = amqp.connections();
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    /** Reads until all that was confirmed has come, or nothing comes for a while. */
    private static Set<Long> readAll(Kind kind, AmqpSettings amqp, String queue, Set<Long> wanted) {
        Set<Long> kept = ConcurrentHashMap.newKeySet();
        Awaitility.await("the queue can be read")
                .atMost(LONGEST_START)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    try {
                        Connection connection = connect(amqp);
                        read(kind, connection, queue, wanted, kept);
                        connection.abort();
                        return true;
                    } catch (IOException | TimeoutException notYet) {
                        return false;
                    }
                });
        return kept;
    }

    private static void read(Kind kind, Connection connection, String queue, Set<Long> wanted, Set<Long> kept)
            throws IOException {
        Channel channel = connection.createChannel();
        channel.basicQos(500);
        long[] last = {System.nanoTime()};
        DeliverCallback callback = (tag, message) -> {
            kept.add(ByteBuffer.wrap(message.getBody()).getLong());
            last[0] = System.nanoTime();
            channel.basicAck(message.getEnvelope().getDeliveryTag(), false);
        };
        Map<String, Object> arguments = kind == Kind.STREAM ? Map.of("x-stream-offset", "first") : Map.of();
        channel.basicConsume(queue, false, arguments, callback, tag -> {});
        while (!kept.containsAll(wanted) && System.nanoTime() - last[0] < TimeUnit.SECONDS.toNanos(10)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }
}
