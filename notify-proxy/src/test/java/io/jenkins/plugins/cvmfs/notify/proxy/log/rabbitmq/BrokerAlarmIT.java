package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsRabbitMq(owned = true)
class BrokerAlarmIT {

    private final OwnedBroker broker;

    BrokerAlarmIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void endAlarm() {
        broker.ctl("set_vm_memory_high_watermark", "0.6");
    }

    @ParameterizedTest
    @EnumSource
    void whileTheBrokerIsShortOfMemoryPublishesFailAtOnceAndAfterwardsSucceed(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(Duration.ofSeconds(5));
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append("a.example.org", 1).join();

            broker.ctl("set_vm_memory_high_watermark", "0.0001");
            // The broker tells a connection that it is blocked when it next publishes.
            assertThat(log.append("a.example.org", 2)).failsWithin(Duration.ofSeconds(30));
            LogUnderTest.await().until(() -> !log.state().canAppend());
            assertThat(log.state().isTailing()).isTrue();
            assertThat(log.state().detail()).contains("takes no messages");
            assertThat(log.append("a.example.org", 3)).isCompletedExceptionally();

            broker.ctl("set_vm_memory_high_watermark", "0.6");
            LogUnderTest.await().until(() -> log.state().canAppend());
            log.append("a.example.org", 4).join();
            log.awaitLast("a.example.org", 4);
        }
    }
}
