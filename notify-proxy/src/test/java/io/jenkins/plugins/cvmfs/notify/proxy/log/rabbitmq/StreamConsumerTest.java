package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamConsumerTest {

    private static final int CAPACITY = 10;
    private static final long STREAM_MAX_BYTES = 1_000_000;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final UnconfirmedPublishes appends = new UnconfirmedPublishes(Duration.ofMinutes(1));
    private final LogRecorder ledger = LogRecorder.open(
            Optional.empty(), LimitsConfig.defaults().repositories(), 10, Duration.ofMinutes(1), appends, meters);
    private final BrokerCommands outbox = new BrokerCommands(CAPACITY);
    private final StreamConsumer feed = new StreamConsumer(
            unusedConnection(),
            "stream",
            new MessageReader(ledger, Clock.systemUTC(), new BrokerMetrics(meters)),
            appends,
            outbox,
            new StreamRefresh(ledger.lastValues(), STREAM_MAX_BYTES),
            Duration.ofMinutes(1));

    private static Connection unusedConnection() {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @AfterEach
    void close() {
        ledger.close();
        appends.close();
    }

    private void readUnbound(int number) {
        MessageProperties label = MessageProperties.question(new UUID(0, number), null, null);
        byte[] names = ("r" + number + ".example.org").getBytes(StandardCharsets.US_ASCII);
        feed.unbound(new StreamMessage(number, RoutingKeys.UNBOUND, label, names));
    }

    /** They stay in the stream, and whoever reads it from its first message reads all of them. */
    @Test
    void howeverManyUnboundMessagesAreReadTheSessionGoesOn() throws InterruptedException {
        for (int number = 0; number < 100 * CAPACITY; number++) {
            readUnbound(number);
        }

        assertThat(outbox.end()).isEmpty();
        assertThat(outbox.take(Duration.ZERO)).containsExactly(new BrokerCommand.Rebind());
        assertThat(outbox.takeRebinds()).hasSize(100 * CAPACITY);
    }

    @Test
    void anUnboundMessageThatIsReadAfterTheOrderWasTakenIsOrderedAnew() throws InterruptedException {
        readUnbound(1);
        assertThat(outbox.take(Duration.ZERO)).containsExactly(new BrokerCommand.Rebind());
        readUnbound(2);
        assertThat(outbox.takeRebinds()).hasSize(2);

        readUnbound(3);

        assertThat(outbox.take(Duration.ZERO)).containsExactly(new BrokerCommand.Rebind());
        assertThat(outbox.takeRebinds()).containsExactly(new RepositoryName("r3.example.org"));
    }

    @Test
    void anUnboundMessageWithoutNamesOrdersNothing() throws InterruptedException {
        feed.unbound(new StreamMessage(
                1, RoutingKeys.UNBOUND, MessageProperties.question(new UUID(0, 1), null, null), new byte[0]));
        readUnbound(2);

        assertThat(outbox.take(Duration.ZERO)).hasSize(1);
    }
}
