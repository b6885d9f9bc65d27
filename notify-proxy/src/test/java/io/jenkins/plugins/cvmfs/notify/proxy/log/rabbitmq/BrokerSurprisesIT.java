package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What others who may write to the broker can do to us. */
@NeedsRabbitMq
class BrokerSurprisesIT {

    private static final String REPOSITORY = "a.example.org";

    private final Broker broker;

    @AutoClose("abort")
    private final Connection connection;

    private final Channel others;

    BrokerSurprisesIT(Broker broker) throws IOException, TimeoutException {
        this.broker = broker;
        connection = broker.amqp().connections().newConnection();
        others = connection.createChannel();
    }

    private void publish(AmqpSettings amqp, String key, byte[] body) throws IOException {
        others.basicPublish(amqp.exchange(), key, new BasicProperties(), body);
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOriginalServicePublishesIsDelivered(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.follow(REPOSITORY);

            publish(amqp, REPOSITORY, Activities.message(REPOSITORY, 1).raw());
            publish(amqp, REPOSITORY, Activities.message(REPOSITORY, 1).raw());

            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.tail.texts())
                            .containsExactly(REPOSITORY + " revision 1", REPOSITORY + " revision 1"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoActivityMessageIsCountedAndDropped(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.follow(REPOSITORY);

            publish(amqp, REPOSITORY, "{ \"hello\" : 1 }".getBytes(UTF_8));
            publish(amqp, REPOSITORY, new byte[] {0, -1, 2});
            publish(amqp, REPOSITORY, Activities.message("b.example.org", 1).raw());
            log.append(REPOSITORY, 2).join();

            LogUnderTest.await()
                    .until(() -> log.meters
                                    .get("cvmfs_notify_broker_foreign")
                                    .counter()
                                    .count()
                            == 3);
            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void noiseOnTheKeysOfProxiesIsIgnored(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            BasicProperties question = new BasicProperties.Builder()
                    .appId("cvmfs-notify")
                    .messageId("x")
                    .replyTo("y")
                    .build();
            others.basicPublish(amqp.exchange(), RoutingKeys.CATCH_UP, question, "nonsense".getBytes(UTF_8));
            others.basicPublish(amqp.exchange(), RoutingKeys.FENCE, question, "nonsense".getBytes(UTF_8));
            publish(amqp, RoutingKeys.CATCH_UP, new byte[0]);
            publish(amqp, RoutingKeys.FENCE, new byte[0]);

            log.append(REPOSITORY, 1).join();

            assertThat(log.state().isReady()).isTrue();
            assertThat(log.tail.texts()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenTheExchangeIsDeletedPublishesGoOn(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();

            others.exchangeDelete(amqp.exchange());
            log.append(REPOSITORY, 2).join();

            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 1", REPOSITORY + " revision 2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenTheExchangeIsDeletedAndMadeAgainPublishesGoOn(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();

            others.exchangeDelete(amqp.exchange());
            others.exchangeDeclare(amqp.exchange(), "direct", true);
            log.append(REPOSITORY, 2).join();

            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 1", REPOSITORY + " revision 2");
        }
    }

    @Test
    void anExchangeThatSomeoneDeclaredDifferentlyIsTakenAsItIs() throws IOException {
        AmqpSettings amqp = Mode.QUEUE.on(broker);
        others.exchangeDeclare(amqp.exchange(), "direct", false, true, null);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
        }
    }

    @Test
    void whenTheStreamIsDeletedANewOneGetsTheLastValues() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
            log.append("b.example.org", 1).join();

            others.queueDelete(amqp.streamName());
            LogUnderTest.await()
                    .until(() -> log.meters
                                    .get("cvmfs_notify_broker_sessions")
                                    .counter()
                                    .count()
                            > 1);
            log.awaitReady();
            log.append(REPOSITORY, 2).join();

            try (LogUnderTest later = LogUnderTest.ready(amqp)) {
                later.awaitLast(REPOSITORY, 2);
                later.awaitLast("b.example.org", 1);
            }
            assertThat(log.tail.texts()).hasSize(3);
        }
    }

    @Test
    void aJournalOfADeletedStreamDoesNotHideWhatIsInTheNewOne(@TempDir Path stateDir) throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir)) {
            for (int revision = 1; revision <= 20; revision++) {
                log.append(REPOSITORY, revision).join();
            }
        }
        others.queueDelete(amqp.streamName());
        try (LogUnderTest other = LogUnderTest.ready(amqp)) {
            other.append(REPOSITORY, 21).join();
            for (int revision = 1; revision <= 30; revision++) {
                other.append("b.example.org", revision).join();
            }
        }

        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir)) {
            log.awaitLast(REPOSITORY, 21);
            log.awaitLast("b.example.org", 30);
        }
    }

    @Test
    void aJournalThatIsAheadOfAnEmptyNewStreamFillsIt(@TempDir Path stateDir) throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker).confirmTimeout(Duration.ofSeconds(2));
        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir)) {
            for (int revision = 1; revision <= 20; revision++) {
                log.append(REPOSITORY, revision).join();
            }
        }
        others.queueDelete(amqp.streamName());

        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir);
                LogUnderTest other = LogUnderTest.ready(amqp)) {
            other.awaitLast(REPOSITORY, 20);
            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 20");
        }
    }

    @Test
    void whereAnotherKindOfQueueHasTheStreamsNameQueuesAreUsed() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker).stream(StreamUse.AUTO);
        others.queueDeclare(amqp.streamName(), true, false, false, Map.of());
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            assertThat(log.state().kind()).isEqualTo("queue");
            log.append(REPOSITORY, 1).join();
        } finally {
            others.queueDelete(amqp.streamName());
        }
    }

    @Test
    void aStreamThatSomeoneDeclaredWithOtherLimitsIsTakenAsItIs() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        others.queueDeclare(amqp.streamName(), true, false, false, Map.of("x-queue-type", "stream"));
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
        }
    }

    /** The first proxy sees how much it publishes, but not what the stream drops of it; the one that resumes finds out. */
    @Test
    void lastValuesOutlastASmallerLimitThatSomeoneHasGivenTheStream(@TempDir Path stateDir) throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        others.queueDeclare(
                amqp.streamName(),
                true,
                false,
                false,
                Map.of(
                        "x-queue-type", "stream",
                        "x-max-length-bytes", 200_000,
                        "x-stream-max-segment-size-bytes", 50_000));
        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir)) {
            log.append(REPOSITORY, 1).join();
            for (int revision = 1; revision <= 40; revision++) {
                log.append("b.example.org", revision, 20 * 1024).join();
            }
        }

        try (LogUnderTest log = LogUnderTest.ready(amqp, stateDir);
                LogUnderTest later = LogUnderTest.ready(amqp)) {
            later.awaitLast(REPOSITORY, 1);
            assertThat(log.tail.texts()).containsOnlyOnce(REPOSITORY + " revision 1");
        }
    }
}
