package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two proxies, publishers at both, and a broker to which something happens. Whatever it is: no publish that was answered with 200
 * is lost, no subscriber goes back, and all goes on by itself once the fault is over.
 */
@NeedsRabbitMq(owned = true)
class BrokerFaultsIT {

    private static final String VICTIM = "victim";

    private final OwnedBroker broker;
    private BrokerFault struck = BrokerFault.EXCHANGE_DELETED;
    private AmqpSettings amqp;

    @TempDir
    Path one;

    @TempDir
    Path two;

    BrokerFaultsIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void addUser() {
        broker.ctl("add_user", VICTIM, VICTIM);
        broker.ctl("set_permissions", "--vhost", broker.amqp().vhost(), VICTIM, ".*", ".*", ".*");
    }

    @AfterEach
    void healBroker() {
        struck.heal(broker, amqp);
        broker.ctl("delete_user", VICTIM);
    }

    /** The short form takes each fault in one mode, the long form in both. That it is killed, {@link TwoProxiesIT} has always. */
    static Stream<Arguments> faults() {
        return Arrays.stream(BrokerFault.values())
                .flatMap(fault -> Arrays.stream(Mode.values())
                        .filter(mode -> mode == Mode.STREAM || fault != BrokerFault.STREAM_DELETED)
                        .filter(mode -> Effort.isLong() || (mode == shortFormOf(fault) && fault != BrokerFault.KILLED))
                        .map(mode -> Arguments.of(fault, mode)));
    }

    private static Mode shortFormOf(BrokerFault fault) {
        return switch (fault) {
            case FROZEN, OUT_OF_DISK, EXCHANGE_DELETED -> Mode.QUEUE;
            default -> Mode.STREAM;
        };
    }

    @ParameterizedTest(name = "{0} in mode {1}")
    @MethodSource("faults")
    void nothingAnsweredWith200IsLostAndAllGoesOnAfterwards(BrokerFault fault, Mode mode) {
        amqp = mode.on(broker).as(VICTIM).heartbeat(Duration.ofSeconds(1)).confirmTimeout(Duration.ofSeconds(2));
        try (ProxyPair pair = ProxyPair.ready(amqp, one, two)) {
            try (UnderLoad load = pair.load()) {
                load.awaitSuccesses(50);

                strikeUntilNoticed(fault, pair.proxies());
                fault.heal(broker, amqp);

                load.awaitSuccesses(50);
            }

            pair.assertNothingIsLost();
        }
    }

    private void strikeUntilNoticed(BrokerFault fault, List<ProxyUnderTest> proxies) {
        struck = fault;
        fault.strike(broker, amqp);
        if (fault.isRefusing()) {
            for (ProxyUnderTest proxy : proxies) {
                LogUnderTest.await().until(() -> proxy.statusOf("/readyz") == 503);
                assertThat(proxy.statusOf("/healthz")).isEqualTo(200);
                assertThat(proxy.publish("c.example.org", 1)).isEqualTo(503);
            }
        }
    }
}
