package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.LocalCluster;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Two proxies on a cluster of three, to whose nodes something happens, one after the other, while messages are published. */
@EnabledIfSystemProperty(
        named = "cvmfs.notify.test.cluster",
        matches = "true",
        disabledReason = "three RabbitMQ nodes take a minute to start; -Dcvmfs.notify.test.cluster=true runs it")
class ClusterIT {

    private static LocalCluster cluster;

    @TempDir
    Path one;

    @TempDir
    Path two;

    @BeforeAll
    static void startCluster() throws UnavailableException {
        cluster = LocalCluster.launch(3);
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void healCluster() {
        for (int node = 0; node < cluster.nodes().size(); node++) {
            OwnedBroker broker = cluster.nodes().get(node);
            broker.start();
            broker.thaw();
            cluster.join(node);
        }
    }

    static Stream<Arguments> faults() {
        return Arrays.stream(ClusterFault.values())
                .flatMap(fault -> Arrays.stream(Mode.values()).map(mode -> Arguments.of(fault, mode)));
    }

    private static AmqpSettings amqp(Mode mode) {
        return mode.on(cluster.amqp()).heartbeat(Duration.ofSeconds(2));
    }

    @ParameterizedTest(name = "{0} in mode {1}")
    @MethodSource("faults")
    void publishingGoesOnAndNothingAnsweredWith200IsLost(ClusterFault fault, Mode mode) {
        try (ProxyPair pair = ProxyPair.ready(amqp(mode), one, two)) {
            try (UnderLoad load = pair.load()) {
                for (int node = 0; node < cluster.nodes().size(); node++) {
                    load.awaitSuccesses(100);
                    fault.strike(cluster, node);
                    if (fault.letsPublishingGoOn(mode)) {
                        load.awaitSuccesses(100);
                    } else {
                        load.awaitAnswers(5);
                    }
                    fault.heal(cluster, node);
                    LogUnderTest.await().until(cluster.nodes().get(node)::acceptsConnections);
                }
                report("%s %s: %s".formatted(fault, mode, load.summary()));
            }

            pair.assertNothingIsLost();
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAMajorityPublishesGet503AndAfterwardsAllGoesOn(Mode mode) {
        try (ProxyPair pair = ProxyPair.ready(amqp(mode).confirmTimeout(Duration.ofSeconds(2)), one, two)) {
            try (UnderLoad load = pair.load()) {
                load.awaitSuccesses(100);
                cluster.nodes().get(1).kill();
                cluster.nodes().get(2).kill();

                for (ProxyUnderTest proxy : pair.proxies()) {
                    LogUnderTest.await().until(() -> proxy.publish("c.example.org", 1) == 503);
                    LogUnderTest.await().until(() -> proxy.statusOf("/readyz") == 503);
                    assertThat(proxy.statusOf("/healthz")).isEqualTo(200);
                }

                cluster.nodes().get(1).start();
                load.awaitSuccesses(100);
                cluster.nodes().get(2).start();
                load.awaitSuccesses(100);
                report("two of three killed, %s: %s".formatted(mode, load.summary()));
            }

            pair.assertNothingIsLost();
        }
    }

    private static void report(String line) {
        System.err.println("cluster: " + line);
    }
}
