package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.ProxyUnderTest.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two whole proxies on one broker, over HTTP and WebSocket. */
@NeedsRabbitMq(owned = true)
class TwoProxiesIT {

    private final OwnedBroker broker;

    @TempDir
    Path one;

    @TempDir
    Path two;

    TwoProxiesIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void startBroker() {
        broker.start();
    }

    @ParameterizedTest
    @EnumSource
    void everyMessageAnsweredWith200WhileTheBrokerIsKilledReachesEverySubscriberOnce(Mode mode) {
        try (ProxyPair pair = ProxyPair.ready(mode.on(broker), one, two)) {
            try (UnderLoad load = pair.load()) {
                load.awaitSuccesses(100);
                broker.kill();
                broker.start();
                load.awaitSuccesses(100);
            }

            pair.assertNothingIsLost();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileTheBrokerIsDownAPublishIsAnsweredWith503AndTheProxyRecovers(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(Duration.ofSeconds(1));
        try (ProxyUnderTest first = ProxyUnderTest.ready(amqp, one);
                ProxyUnderTest second = ProxyUnderTest.ready(amqp, two)) {
            Subscriber subscriber = second.subscribe(ProxyPair.REPOSITORIES);
            assertThat(first.publish("a.example.org", 1)).isEqualTo(200);
            broker.kill();
            LogUnderTest.await().until(() -> first.statusOf("/readyz") == 503);

            assertThat(first.publish("a.example.org", 2)).isEqualTo(503);
            assertThat(first.statusOf("/healthz")).isEqualTo(200);

            broker.start();
            first.awaitReady();
            second.awaitReady();
            assertThat(first.publish("a.example.org", 3)).isEqualTo(200);
            LogUnderTest.await().until(() -> subscriber.last("a.example.org") == 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriberGetsTheLastValueAfterARestartOfProxiesAndBroker(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (ProxyUnderTest before = ProxyUnderTest.ready(amqp, one)) {
            assertThat(before.publish("a.example.org", 7)).isEqualTo(200);
        }
        broker.kill();
        broker.start();

        try (ProxyUnderTest after = ProxyUnderTest.ready(amqp, one);
                ProxyUnderTest other = ProxyUnderTest.ready(amqp, two)) {
            for (ProxyUnderTest proxy : List.of(after, other)) {
                Subscriber subscriber = proxy.subscribe(ProxyPair.REPOSITORIES);
                LogUnderTest.await().until(() -> subscriber.last("a.example.org") == 7);
            }
        }
    }
}
