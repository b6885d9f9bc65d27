package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.broker.ProxyUnderTest.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.LocalCluster;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Proxies on a cluster of three, whose nodes are killed one after the other while messages are published. */
@EnabledIfSystemProperty(
        named = "cvmfs.notify.test.cluster",
        matches = "true",
        disabledReason = "three RabbitMQ nodes take a minute to start; -Dcvmfs.notify.test.cluster=true runs it")
class ClusterIT {

    private static final List<String> REPOSITORIES = List.of("a.example.org", "b.example.org");

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

    @ParameterizedTest
    @EnumSource
    void everyMessageAnsweredWith200ReachesEverySubscriberOnceWhicheverNodeIsKilled(Mode mode) {
        AmqpSettings amqp = cluster.amqp().names(UUID.randomUUID().toString()).stream(
                mode == Mode.STREAM ? StreamUse.REQUIRED : StreamUse.OFF);
        try (ProxyUnderTest first = ProxyUnderTest.ready(amqp, one);
                ProxyUnderTest second = ProxyUnderTest.ready(amqp, two)) {
            Subscriber atFirst = first.subscribe(REPOSITORIES);
            Subscriber atSecond = second.subscribe(REPOSITORIES);
            UnderLoad load = new UnderLoad();
            try (load) {
                load.publish("a.example.org", revision -> first.publish("a.example.org", revision) == 200);
                load.publish("b.example.org", revision -> second.publish("b.example.org", revision) == 200);
                for (OwnedBroker node : cluster.nodes()) {
                    load.awaitSuccesses(100);
                    node.kill();
                    load.awaitSuccesses(100);
                    node.start();
                }
            }

            for (Subscriber subscriber : List.of(atFirst, atSecond)) {
                load.accepted()
                        .forEach((repository, revision) -> LogUnderTest.await()
                                .untilAsserted(() ->
                                        assertThat(subscriber.last(repository)).isGreaterThanOrEqualTo(revision)));
                assertThat(subscriber.received).extracting(Object::toString).doesNotHaveDuplicates();
            }
        }
    }
}
