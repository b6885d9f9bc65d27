package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A channel that is closed while it opens. */
class EventStreamChannelTest {

    private static final Duration LONGEST_TO_REFUSE = Duration.ofSeconds(3);

    /** Refuses requests without a body, as the gateway does, and leaves the others unanswered. */
    private static final ScriptedServer.Script GATEWAY = connection -> {
        while (connection.readRequest()) {
            if (connection.request().contains("\"repository\"")) {
                connection.awaitEnd();
                return;
            }
            connection.answer(400, "");
        }
    };

    private final ManualTimer timer = new ManualTimer();
    private final List<RepositoryName> asked = new CopyOnWriteArrayList<>();
    private Runnable whenOpened = () -> {};
    private ScriptedServer server;
    private EventStreamChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start(GATEWAY);
        channel = new EventStreamChannel(
                new HttpSender(HttpClient.newHttpClient(), "test"),
                server.url("/api/v1/notifications/subscribe"),
                TokenSource.NONE,
                timer,
                new ConcurrentHashMap<>(),
                new Events());
    }

    @AfterEach
    void stop() throws IOException {
        channel.close();
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void aClosedChannelOpensNoStream() {
        channel.close();

        channel.open(List.of(ATLAS));

        assertThat(asked).isEmpty();
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void aChannelThatIsClosedWhenItsFirstStreamIsAcceptedOpensNoOther() {
        whenOpened = channel::close;
        channel.open(List.of(ATLAS, CMS));
        await().until(() -> timer.delays().contains(LONGEST_TO_REFUSE));
        asked.clear();

        timer.advance(LONGEST_TO_REFUSE);

        assertThat(asked).isEmpty();
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void aChannelThatIsClosedWhenItOpensWithoutAStreamRequestsNothingLater() {
        whenOpened = () -> {
            channel.subscribe(ATLAS);
            channel.close();
        };

        channel.open(List.of());

        assertThat(timer.delays()).isEmpty();
    }

    private final class Events implements SubscriberChannel.Events {

        @Override
        public void opened() {
            whenOpened.run();
        }

        @Override
        public void asking(RepositoryName repository) {
            asked.add(repository);
        }

        @Override
        public void subscribed(RepositoryName repository) {}

        @Override
        public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {}

        @Override
        public void received(byte[] message, boolean mayRepeat) {}

        @Override
        public void ended(NotifyException cause) {}

        @Override
        public void renew() {}
    }
}
