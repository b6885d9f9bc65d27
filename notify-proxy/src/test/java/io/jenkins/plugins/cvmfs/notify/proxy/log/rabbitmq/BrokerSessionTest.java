package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.impl.AMQImpl;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a broker that only takes note. */
class BrokerSessionTest {

    private static final RepositoryName REPOSITORY = new RepositoryName("a.example.org");
    private static final Duration LONG = Duration.ofMinutes(1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OpenPublishes publishes = new OpenPublishes(LONG);
    private final LogRecorder recorder =
            LogRecorder.open(Optional.empty(), TestConfigs.repositories(), 10, LONG, publishes, meters);
    private final FollowedRepositories following = new FollowedRepositories(repository -> false);
    private final ExecutorService brokerThread = Executors.newSingleThreadExecutor();

    /** The keys that were bound at the broker. */
    private final List<String> bound = new CopyOnWriteArrayList<>();

    private BrokerSession session;

    @BeforeEach
    void open() throws IOException {
        following.add(REPOSITORY);
        MessageReader messages = new MessageReader(recorder, Clock.systemUTC(), meters);
        BrokerCommands commands = new BrokerCommands(10);
        session = new BrokerSession(
                new BrokerSession.Opener(TestConfigs.amqp(), messages, publishes, Duration.ofHours(1)),
                new BrokerConnections(connection(), connection()),
                QueueConsumer.declare(channel(), messages, commands),
                commands,
                following);
    }

    private Connection connection() {
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, args) -> method.getName().equals("createChannel") ? channel() : null);
    }

    private Channel channel() {
        return (Channel) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Channel.class}, (self, method, args) -> {
                    if (method.getName().startsWith("queueBind")) {
                        bound.add((String) args[2]);
                    }
                    return switch (method.getName()) {
                        case "queueDeclare" -> new AMQImpl.Queue.DeclareOk("queue", 0, 0);
                        case "getNextPublishSeqNo" -> 1L;
                        default -> null;
                    };
                });
    }

    @AfterEach
    void close() {
        session.close();
        brokerThread.shutdownNow();
        recorder.close();
        publishes.close();
    }

    private long timesBound() {
        return bound.stream().filter(REPOSITORY.value()::equals).count();
    }

    /** The broker thread was busy for so long. Nothing else would bind the key again. */
    @Test
    void aKeyThatTheBrokerHasLostIsBoundAgainAlthoughThePublishThatShowedItHasTimedOut() throws Exception {
        Future<BrokerError> served = brokerThread.submit(session::serve);
        await().until(() -> timesBound() == 1);
        OpenPublish publish =
                publishes.begin(new UUID(1, 1), Activities.message(REPOSITORY.value(), 1), Instant.EPOCH, false);
        publishes.fail(publish.id(), new LogUnavailableException("timed out", null));

        session.queue(new Command.Reroute(publish));

        await().until(() -> timesBound() == 2);
        session.end(new BrokerError(BrokerError.Kind.OTHER, "closed"));
        assertThat(served).succeedsWithin(LONG);
    }
}
