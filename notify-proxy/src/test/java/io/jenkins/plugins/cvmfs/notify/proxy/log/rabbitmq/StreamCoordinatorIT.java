package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A RabbitMQ that is killed within half a second of its first stream has the stream afterwards and does not start it, because it has not
 * noted on disk that it has a stream coordinator.
 */
@NeedsRabbitMq(owned = true)
class StreamCoordinatorIT {

    private static final String REPOSITORY = "a.example.org";

    private final OwnedBroker broker;

    StreamCoordinatorIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void startBroker() {
        broker.start();
    }

    private void killBeforeTheCoordinatorIsNoted() {
        broker.ctl(
                "eval",
                OwnedBroker.COORDINATION_NAMES
                        + "ok = dets:delete(Names, rabbit_stream_coordinator), ok = dets:sync(Names).");
        broker.kill();
        broker.start();
    }

    /** The commands that docs/operations.md has for an administrator, in their order. */
    private static List<String> documentedCommands() throws IOException {
        return Pattern.compile("rabbitmqctl eval '([^']+)'")
                .matcher(Files.readString(Path.of("../docs/operations.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void aStreamThatTheBrokerDoesNotStartIsNamedWithTheRemedyWhichBringsEverythingBack() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker).stream(StreamUse.AUTO).confirmTimeout(Duration.ofSeconds(2));
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
            log.append("b.example.org", 2).join();

            killBeforeTheCoordinatorIsNoted();

            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.state().detail())
                            .contains("does not start the stream")
                            .contains("docs/operations.md"));
            assertThat(log.state().kind()).isEqualTo("stream");
            assertThat(log.state().isReady()).isFalse();
            assertThat(log.isAppended(REPOSITORY, 2)).isFalse();
        }

        broker.ctl("eval", documentedCommands().get(0));

        try (LogUnderTest another = LogUnderTest.ready(amqp)) {
            another.awaitLast(REPOSITORY, 1);
            another.awaitLast("b.example.org", 2);
            another.append(REPOSITORY, 3).join();
        }
        broker.kill();
        broker.start();
        try (LogUnderTest afterAnotherRestart = LogUnderTest.ready(amqp)) {
            afterAnotherRestart.awaitLast(REPOSITORY, 3);
        }
    }

    @Test
    void aCoordinatorThatWasCreatedSinceIsHandedTheStreamsThatItLacks() throws IOException {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
        }
        killBeforeTheCoordinatorIsNoted();
        LogUnderTest.ready(Mode.STREAM.on(broker)).close();

        List<String> commands = documentedCommands();
        assertThatThrownBy(() -> broker.ctl("eval", commands.get(0))).hasMessageContaining("badmatch");
        broker.ctl("eval", commands.get(1));

        try (LogUnderTest another = LogUnderTest.ready(amqp)) {
            another.awaitLast(REPOSITORY, 1);
            another.append(REPOSITORY, 2).join();
        }
        broker.kill();
        broker.start();
        try (LogUnderTest afterAnotherRestart = LogUnderTest.ready(amqp)) {
            afterAnotherRestart.awaitLast(REPOSITORY, 2);
        }
    }
}
