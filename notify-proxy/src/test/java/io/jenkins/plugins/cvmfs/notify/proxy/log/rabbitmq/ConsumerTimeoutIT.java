package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerConsumer.FlowControl;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * RabbitMQ closes the channel of a consumer that leaves a delivery unacknowledged for longer than {@code consumer_timeout}, 30 minutes by
 * default and a few seconds here. It looks every {@code channel_tick_interval}.
 */
@NeedsRabbitMq(owned = true)
class ConsumerTimeoutIT {

    private static final String REPOSITORY = "a.example.org";
    private static final Duration CONSUMER_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SEVERAL_TIMEOUTS = CONSUMER_TIMEOUT.multipliedBy(3);

    private final OwnedBroker broker;

    ConsumerTimeoutIT(OwnedBroker broker) {
        this.broker = broker;
    }

    /** The same as in {@code rabbitmq.conf}: a channel reads both when it is opened. */
    @BeforeEach
    void shortenTimeout() {
        set(CONSUMER_TIMEOUT, Duration.ofMillis(200));
    }

    @AfterEach
    void restoreDefaults() {
        set(Duration.ofMinutes(30), Duration.ofMinutes(1));
    }

    private void set(Duration consumerTimeout, Duration tick) {
        broker.ctl(
                "eval",
                "application:set_env(rabbit, consumer_timeout, %d), application:set_env(rabbit, channel_tick_interval, %d)."
                        .formatted(consumerTimeout.toMillis(), tick.toMillis()));
    }

    private static double sessions(LogUnderTest log) {
        return log.meters.get("cvmfs_notify_broker_sessions").counter().count();
    }

    @ParameterizedTest
    @EnumSource
    void aSessionOutlastsTheConsumerTimeoutWithTrafficAndWithout(Mode mode) {
        try (LogUnderTest quiet = LogUnderTest.ready(mode.on(broker));
                LogUnderTest burst = LogUnderTest.ready(mode.on(broker));
                LogUnderTest busy = LogUnderTest.ready(mode.on(broker))) {
            append(burst, 1, FlowControl.PREFETCH / 2 + 1);
            long[] revision = {0};

            Awaitility.await()
                    .pollInterval(Duration.ofMillis(100))
                    .during(SEVERAL_TIMEOUTS)
                    .atMost(SEVERAL_TIMEOUTS.multipliedBy(4))
                    .failFast(
                            "a session ended",
                            () -> Stream.of(quiet, burst, busy).anyMatch(log -> sessions(log) > 1))
                    .until(() -> busy.isAppended(REPOSITORY, ++revision[0]));

            append(quiet, 1, 1);
            append(burst, FlowControl.PREFETCH, 1);
            busy.awaitLast(REPOSITORY, revision[0]);
            assertThat(quiet.tail.texts()).containsExactly(REPOSITORY + " revision 1");
        }
    }

    private static void append(LogUnderTest log, long first, int count) {
        for (long revision = first; revision < first + count; revision++) {
            log.append(REPOSITORY, revision).join();
        }
    }
}
