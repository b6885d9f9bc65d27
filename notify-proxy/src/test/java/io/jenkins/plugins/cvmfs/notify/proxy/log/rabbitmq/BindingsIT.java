package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each repository has a binding at the broker, which takes milliseconds to make. */
@NeedsRabbitMq(owned = true)
class BindingsIT {

    private static final String REPOSITORY = "a.example.org";
    private static final String OTHER = "b.example.org";
    private static final int MANY = 5_000;

    /** Before a look once a minute could find it. */
    private static final Duration SOON = Duration.ofSeconds(40);

    private final OwnedBroker broker;
    private Connection connection;
    private Channel others;

    BindingsIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void connect() throws IOException, TimeoutException {
        connection = broker.amqp().connections().newConnection();
        others = connection.createChannel();
    }

    @AfterEach
    void disconnect() {
        connection.abort();
    }

    private static String name(int number) {
        return "r" + number + ".example.org";
    }

    private void publish(AmqpSettings amqp, String repository, long revision) throws IOException {
        others.basicPublish(
                amqp.exchange(),
                repository,
                new BasicProperties(),
                Activities.message(repository, revision).raw());
    }

    private void deleteAndMakeExchangeAgain(AmqpSettings amqp) throws IOException {
        others.exchangeDelete(amqp.exchange());
        others.exchangeDeclare(amqp.exchange(), "direct", true);
    }

    @ParameterizedTest
    @EnumSource
    void publishesGoOnWhileThousandsOfKeysAreBound(Mode mode) throws IOException, TimeoutException {
        AmqpSettings amqp = mode.on(broker);
        String last = name(MANY - 1);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
            List<CompletableFuture<Void>> bound = IntStream.range(0, MANY)
                    .mapToObj(number -> log.tryToFollow(name(number)))
                    .toList();

            log.append(REPOSITORY, 2).join();

            assertThat(bound.get(MANY - 1)).isNotDone();
            awaitDelivery(amqp, log, last, 1);

            broker.ctl("close_all_connections", "--vhost", amqp.vhost(), "for a test");
            connect();
            LogUnderTest.await().until(() -> log.state().detail().contains("more repositories"));
            log.append(REPOSITORY, 3).join();

            assertThat(log.state().isReady()).isFalse();
            log.awaitReady();
            publish(amqp, last, 2);
            log.awaitLast(last, 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPublishThatComesBackShowsThatOtherKeysAreLostToo(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.follow(REPOSITORY, OTHER);
            deleteAndMakeExchangeAgain(amqp);

            log.append(REPOSITORY, 1).join();

            awaitDelivery(amqp, log, OTHER, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExchangeThatWasMadeAgainIsNoticedWithoutAnyPublish(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp, Duration.ofSeconds(1))) {
            log.follow(OTHER);
            deleteAndMakeExchangeAgain(amqp);

            awaitDelivery(amqp, log, OTHER, 1);
            assertThat(log.meters.get("cvmfs_notify_broker_sessions").counter().count())
                    .isEqualTo(1);
        }
    }

    /** Another proxy that connects meanwhile makes the bindings that it needs itself. */
    @ParameterizedTest
    @EnumSource
    void anExchangeThatWasMadeAgainIsNoticedAlthoughAnotherProxyHasBoundItsKeys(Mode mode) throws IOException {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp, Duration.ofSeconds(5))) {
            log.follow(OTHER);
            deleteAndMakeExchangeAgain(amqp);
            try (LogUnderTest another = LogUnderTest.ready(amqp)) {
                another.follow(REPOSITORY);

                awaitDelivery(amqp, log, OTHER, 1);
            }
        }
    }

    /** An administrator, or another proxy that died before it could say so. A proxy's own queue is out of their reach. */
    @Test
    void aBindingOfTheStreamThatSomeoneTookAwayIsMadeAgainWithoutAnyPublish() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp, Duration.ofSeconds(1))) {
            log.follow(REPOSITORY, OTHER);
            others.queueUnbind(amqp.streamName(), amqp.exchange(), OTHER);

            awaitDelivery(amqp, log, OTHER, 1);
        }
    }

    /** Publishes as the original service does, which is not told when no queue takes the message. */
    private void awaitDelivery(AmqpSettings amqp, LogUnderTest log, String repository, long revision) {
        LogUnderTest.await().atMost(SOON).untilAsserted(() -> {
            publish(amqp, repository, revision);
            assertThat(log.tail.last(repository)).contains(repository + " revision " + revision);
        });
    }
}
