package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.impl.AMQImpl;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueueConsumerTest {

    private static final RepositoryName REPOSITORY = new RepositoryName("a.example.org");
    private static final Forgotten FORGOTTEN = new Forgotten(REPOSITORY, at(1_000));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OpenPublishes publishes = new OpenPublishes(Duration.ofMinutes(1));
    private final LogRecorder recorder = LogRecorder.open(
            Optional.empty(), TestConfigs.repositories(), 10, Duration.ofMinutes(1), publishes, meters);
    private final RecordingTail tail = new RecordingTail();
    private final AtomicReference<Consumer> consuming = new AtomicReference<>();
    private QueueConsumer consumer;
    private long tag;

    @BeforeEach
    void begin() throws IOException {
        recorder.start(tail);
        Channel channel = channel();
        MessageReader messages = new MessageReader(recorder, Clock.systemUTC(), meters);
        consumer = QueueConsumer.declare(channel, messages, new BrokerCommands(10));
        consumer.begin(
                new ConfirmingPublisher(channel, "exchange", publishes, recorder, Optional::empty, order -> true));
    }

    /** A channel that only notes the consumer. */
    private Channel channel() {
        return (Channel) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Channel.class}, (self, method, args) -> {
                    if (method.getName().equals("basicConsume")) {
                        consuming.set((Consumer) args[2]);
                    }
                    return method.getName().equals("queueDeclare") ? new AMQImpl.Queue.DeclareOk("queue", 0, 0) : null;
                });
    }

    @AfterEach
    void close() {
        recorder.close();
        publishes.close();
    }

    private static Instant at(long millis) {
        return Instant.ofEpochMilli(millis);
    }

    private void deliver(String key, MessageProperties properties, byte[] body) throws IOException {
        consuming
                .get()
                .handleDelivery("tag", new Envelope(++tag, false, "exchange", key), properties.toProperties(), body);
    }

    private void announce(int revision, long millis) throws IOException {
        deliver(REPOSITORY.value(), properties(revision, millis), body(revision));
    }

    private void reply(MessageProperties properties, byte[] body) throws IOException {
        deliver(consumer.keys().get(0), properties, body);
    }

    private static MessageProperties properties(int revision, long millis) {
        return MessageProperties.announcement(new UUID(1, revision), at(millis), Optional.empty());
    }

    private static byte[] body(int revision) {
        return Activities.message(REPOSITORY.value(), revision).raw();
    }

    private void replyForgotten() throws IOException {
        reply(MessageProperties.announcement(null, FORGOTTEN.at(), Optional.empty()), FORGOTTEN.toBytes());
    }

    private List<Instant> times() {
        return recorder.lastValues().of(REPOSITORY).map(LogEntry::announcedAt).stream()
                .toList();
    }

    /** Its publish was opened before the order, and was sent after the reconnect. */
    @Test
    void aReplyForgetsNothingThatWasAnnouncedSinceTheQueueWasBound() throws IOException {
        announce(2, 999);

        replyForgotten();

        assertThat(tail.forgotten()).isEmpty();
        assertThat(times()).containsExactly(at(1_001));
        assertThat(tail.texts()).hasSize(1);
    }

    /** The other proxy's clock was ahead when it accepted the older one. */
    @Test
    void aReplyReplacesNothingThatWasAnnouncedSinceTheQueueWasBound() throws IOException {
        announce(2, 999);

        reply(properties(1, 5_000).asCopy(), body(1));

        assertThat(tail.texts()).hasSize(1);
        assertThat(recorder.lastValues().of(REPOSITORY)).map(LogEntry::idOrNull).contains(new UUID(1, 2));
        assertThat(times()).containsExactly(at(999));
    }

    @Test
    void aReplyCountsIfNothingWasAnnouncedSince() throws IOException {
        reply(properties(1, 500).asCopy(), body(1));
        reply(properties(2, 600).asCopy(), body(2));

        assertThat(tail.texts()).hasSize(2);
        assertThat(times()).containsExactly(at(600));
    }

    @Test
    void aReplyForgetsWhatAnotherProxyHadMissedToo() throws IOException {
        reply(properties(1, 500).asCopy(), body(1));

        replyForgotten();

        assertThat(tail.forgotten()).containsExactly(REPOSITORY);
        assertThat(times()).isEmpty();
    }

    /** Else it would be taken for one from before by all who compare times only. */
    @Test
    void anAnnouncementOfAForgottenRepositoryGetsATimeAfterTheOrders() throws IOException {
        deliver(
                RoutingKeys.FORGOTTEN,
                MessageProperties.announcement(new UUID(9, 9), at(1_000), Optional.empty()),
                FORGOTTEN.toBytes());

        announce(2, 999);

        assertThat(times()).containsExactly(at(1_001));
    }

    @Test
    void anOrderThatComesAfterAnAnnouncementStillForgetsIt() throws IOException {
        announce(2, 999);

        deliver(
                RoutingKeys.FORGOTTEN,
                MessageProperties.announcement(new UUID(9, 9), at(1_000), Optional.empty()),
                FORGOTTEN.toBytes());

        assertThat(times()).isEmpty();
    }
}
