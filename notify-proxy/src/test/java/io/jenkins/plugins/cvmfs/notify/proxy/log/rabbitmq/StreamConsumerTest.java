package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.StreamConsumer.StreamMessage;
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
    private final OpenPublishes publishes = new OpenPublishes(Duration.ofMinutes(1));
    private final LogRecorder recorder = LogRecorder.open(
            Optional.empty(), TestConfigs.limits().repositories(), 10, Duration.ofMinutes(1), publishes, meters);
    private final BrokerCommands commands = new BrokerCommands(CAPACITY);
    private final StreamConsumer consumer = new StreamConsumer(
            unusedConnection(),
            "stream",
            new MessageReader(recorder, Clock.systemUTC(), meters),
            publishes,
            commands,
            new StreamRefresh(recorder.lastValues(), STREAM_MAX_BYTES),
            new PeerProbes(Duration.ofMinutes(1), System::nanoTime),
            Duration.ofMinutes(1));

    private static Connection unusedConnection() {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @AfterEach
    void close() {
        recorder.close();
        publishes.close();
    }

    private void readUnbound(int number) {
        MessageProperties properties = MessageProperties.question(new UUID(0, number), null, null);
        byte[] names = ("r" + number + ".example.org").getBytes(StandardCharsets.US_ASCII);
        consumer.unbound(new StreamMessage(number, RoutingKeys.UNBOUND, properties, names));
    }

    /** They stay in the stream, and a proxy that reads it from its first message reads all of them. */
    @Test
    void howeverManyUnboundMessagesAreReadTheSessionGoesOn() throws InterruptedException {
        for (int number = 0; number < 100 * CAPACITY; number++) {
            readUnbound(number);
        }

        assertThat(commands.end()).isEmpty();
        assertThat(commands.take(Duration.ZERO)).containsExactly(new Command.Rebind());
        assertThat(commands.takeRebinds()).hasSize(100 * CAPACITY);
    }

    @Test
    void anUnboundMessageThatIsReadAfterTheOrderWasTakenIsOrderedAnew() throws InterruptedException {
        readUnbound(1);
        assertThat(commands.take(Duration.ZERO)).containsExactly(new Command.Rebind());
        readUnbound(2);
        assertThat(commands.takeRebinds()).hasSize(2);

        readUnbound(3);

        assertThat(commands.take(Duration.ZERO)).containsExactly(new Command.Rebind());
        assertThat(commands.takeRebinds()).containsExactly(new RepositoryName("r3.example.org"));
    }

    @Test
    void anUnboundMessageWithoutNamesOrdersNothing() throws InterruptedException {
        consumer.unbound(new StreamMessage(
                1, RoutingKeys.UNBOUND, MessageProperties.question(new UUID(0, 1), null, null), new byte[0]));
        readUnbound(2);

        assertThat(commands.take(Duration.ZERO)).hasSize(1);
    }
}
