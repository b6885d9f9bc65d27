package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.ProxyUnderTest.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The original service and this one on one broker, one virtual host, one exchange: what docs/migration.md promises. */
@NeedsRabbitMq(owned = true)
class SideBySideIT {

    private final OwnedBroker broker;
    private final String repository = "r-" + UUID.randomUUID();

    @TempDir
    Path stateDir;

    SideBySideIT(OwnedBroker broker) {
        this.broker = broker;
    }

    /** The original's exchange; with queues also its user, with a stream one that may have it. */
    private AmqpSettings ours(Mode mode) {
        return mode == Mode.QUEUE
                ? theirs().stream(StreamUse.OFF)
                : broker.amqp().stream(StreamUse.REQUIRED).streamName("cvmfs-notify." + repository);
    }

    private AmqpSettings theirs() {
        return broker.amqp().as(OwnedBroker.WORKER);
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOriginalServicePublishesReachesOurSubscribersByteForByte(Mode mode) {
        byte[] message = Activities.message(repository, 7).raw();
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(ours(mode), stateDir);
                OriginalWorker original = OriginalWorker.connect(theirs())) {
            Subscriber subscriber = proxy.subscribe(List.of(repository));
            // Its subscription counts once the proxy has bound the repository; until then a message goes nowhere, as
            // before.
            assertThat(proxy.publish(repository, 1)).isEqualTo(200);

            original.publish(repository, message);

            LogUnderTest.await().until(() -> subscriber.last(repository) == 7);
            assertThat(subscriber.received)
                    .last()
                    .satisfies(last -> assertThat(last.raw()).isEqualTo(message));
            assertThat(subscriber.received).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWePublishReachesTheOriginalServiceByteForByteAndNothingElseDoes(Mode mode) {
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(ours(mode), stateDir);
                ProxyUnderTest other = ProxyUnderTest.ready(ours(mode), stateDir.resolve("other"));
                OriginalWorker original = OriginalWorker.connect(theirs()).consume(repository)) {
            assertThat(proxy.publish(repository, 1)).isEqualTo(200);
            assertThat(other.publish(repository, 2)).isEqualTo(200);

            LogUnderTest.await().until(() -> original.received.size() == 2);
            assertThat(original.received)
                    .containsExactly(
                            Activities.message(repository, 1).raw(),
                            Activities.message(repository, 2).raw());
        }
    }

    @Test
    void theStreamKeepsWhatTheOriginalServicePublishedWhileNoProxyWasUp() {
        AmqpSettings amqp = ours(Mode.STREAM);
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(amqp, stateDir)) {
            assertThat(proxy.publish(repository, 1)).isEqualTo(200);
        }
        try (OriginalWorker original = OriginalWorker.connect(theirs()).consume(repository)) {
            original.publish(repository, Activities.message(repository, 2).raw());
            LogUnderTest.await().until(() -> original.received.size() == 1);
        }

        try (ProxyUnderTest proxy = ProxyUnderTest.ready(amqp, stateDir)) {
            Subscriber subscriber = proxy.subscribe(List.of(repository));

            LogUnderTest.await().until(() -> subscriber.last(repository) == 2);
        }
    }

    @Test
    void theExchangeThatAProxyHasMadeIsWhatTheOriginalServiceDeclares() {
        String suffix = UUID.randomUUID().toString();
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(broker.amqp().names(suffix), stateDir);
                OriginalWorker original =
                        OriginalWorker.connect(broker.amqp().names(suffix)).consume(repository)) {
            assertThat(proxy.publish(repository, 1)).isEqualTo(200);

            LogUnderTest.await().until(() -> original.received.size() == 1);
        }
    }
}
