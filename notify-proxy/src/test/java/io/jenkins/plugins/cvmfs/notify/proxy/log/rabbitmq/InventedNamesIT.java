package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Anybody may subscribe to any name: what that leaves at the broker. */
@NeedsRabbitMq
class InventedNamesIT {

    private static final String REAL = "a.example.org";
    private static final int MANY = 3 * FollowedRepositories.SLACK;

    private final Broker broker;
    private Connection connection;
    private Channel channel;
    private final AtomicBoolean returned = new AtomicBoolean();

    InventedNamesIT(Broker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void connect() throws IOException, TimeoutException {
        connection = broker.amqp().connections().newConnection();
        channel = connection.createChannel();
        channel.addReturnListener(message -> returned.set(true));
        channel.confirmSelect();
    }

    @AfterEach
    void disconnect() {
        connection.abort();
    }

    private static final Duration PROBE_INTERVAL = Duration.ofMillis(200);

    private static String invented(int number) {
        return "invented-" + number + ".example.org";
    }

    /** Whether any queue takes a message with this key; sends one that is no announcement. */
    private boolean isBound(AmqpSettings amqp, String key) {
        return isTaken(amqp, key, new byte[0]);
    }

    private boolean isTaken(AmqpSettings amqp, String key, byte[] body) {
        try {
            returned.set(false);
            channel.basicPublish(amqp.exchange(), key, true, new BasicProperties(), body);
            channel.waitForConfirms();
            return !returned.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitUntil(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(25)).until(condition);
    }

    @ParameterizedTest
    @EnumSource
    void namesThatNobodyAwaitsAnyMoreAreUnboundAndAllOthersAreNot(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.tail.awaitOnly(repository -> repository.value().equals(REAL));
            log.follow(invented(0), REAL);
            log.append("announced.example.org", 1).join();
            assertThat(isBound(amqp, invented(0))).isTrue();

            for (int number = 1; number < MANY; number++) {
                log.tryToFollow(invented(number));
            }

            awaitUntil(() -> !isBound(amqp, invented(0)));
            awaitUntil(() -> !isBound(amqp, invented(MANY / 2)));
            assertThat(isBound(amqp, REAL)).isTrue();
            assertThat(isBound(amqp, "announced.example.org")).isTrue();
            assertThat(log.meters.get("cvmfs_notify_broker_followed").gauge().value())
                    .isLessThanOrEqualTo(FollowedRepositories.SLACK + 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatWasUnboundIsBoundAgainForTheNextSubscriber(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.tail.awaitOnly(repository -> false);
            for (int number = 0; number < MANY; number++) {
                log.tryToFollow(invented(number));
            }
            awaitUntil(() -> !isBound(amqp, invented(0)));

            log.tail.awaitOnly(repository -> true);
            log.follow(invented(0));

            assertThat(isTaken(
                            amqp,
                            invented(0),
                            Activities.message(invented(0), 1).raw()))
                    .isTrue();
            log.awaitLast(invented(0), 1);
        }
    }

    /** Without a state folder it has another key at its next start. */
    @Test
    void theProbeKeyOfAProxyThatWasKilledIsUnbound() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        String ofKilled = RoutingKeys.probe("0123456789abcdef");
        try (LogUnderTest log = LogUnderTest.ready(amqp, PROBE_INTERVAL)) {
            channel.queueBind(amqp.streamName(), amqp.exchange(), ofKilled);
            assertThat(isBound(amqp, ofKilled)).isTrue();

            // Each look is a probe too, so there must be time between them.
            Awaitility.await()
                    .pollInterval(PROBE_INTERVAL.multipliedBy(2L * PeerProbes.MISSING_PROBES))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !isBound(amqp, ofKilled));

            log.append(REAL, 1).join();
            assertThat(log.meters.get("cvmfs_notify_broker_sessions").counter().count())
                    .isEqualTo(1);
        }
    }

    @Test
    void whatOneProxyUnbindsFromTheSharedStreamAnotherThatNeedsItBindsAgain() {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest careless = LogUnderTest.ready(amqp);
                LogUnderTest other = LogUnderTest.ready(amqp)) {
            other.follow(REAL);
            careless.tail.awaitOnly(repository -> false);
            careless.follow(REAL);
            for (int number = 0; number < MANY; number++) {
                careless.tryToFollow(invented(number));
            }

            awaitUntil(() -> !isBound(amqp, invented(MANY / 2)));
            awaitUntil(() -> isTaken(amqp, REAL, Activities.message(REAL, 1).raw()));
            other.awaitLast(REAL, 1);
        }
    }
}
