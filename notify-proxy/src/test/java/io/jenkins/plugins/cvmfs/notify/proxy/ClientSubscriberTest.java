package io.jenkins.plugins.cvmfs.notify.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.event.Level;

/** The client library's subscriber and publisher against a whole proxy, in each protocol. */
class ClientSubscriberTest {

    private static final RepositoryName ATLAS = new RepositoryName("atlas.cern.ch");
    private static final RepositoryName CMS = new RepositoryName("cms.cern.ch");

    /** Keeps what it hears. */
    private static final class Notes implements SubscriptionListener {

        private final List<String> activities = new CopyOnWriteArrayList<>();
        private final List<String> connections = new CopyOnWriteArrayList<>();
        private final List<String> problems = new CopyOnWriteArrayList<>();

        @Override
        public void activity(ActivityMessage message) {
            activities.add(message.toString());
        }

        @Override
        public void connected(SubscriptionListener.Connection connection) {
            connections.add(connection.protocol().name());
        }

        @Override
        public void disconnected(NotifyException cause, Duration retryIn) {
            connections.add("-");
        }

        @Override
        public void warning(NotifyException problem) {
            problems.add(String.valueOf(problem.getMessage()));
        }
    }

    private final Network network = Network.builder().build();
    private final Notes notes = new Notes();

    @TempDir
    private Path stateDir;

    private NotifyProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        // One test starts it again there.
        proxy = started(FreePort.find());
    }

    @AfterEach
    void stop() {
        network.close();
        proxy.close();
        assertThat(notes.problems).isEmpty();
    }

    private NotifyProxy started(int port) throws IOException {
        ProxyConfig config = new ProxyConfig(
                "127.0.0.1",
                port,
                Level.INFO,
                true,
                Optional.of(stateDir),
                TestConfigs.http(),
                TestConfigs.amqp(),
                Optional.empty(),
                TestConfigs.limits(),
                TestConfigs.delivery(),
                TestConfigs.operator(),
                TestConfigs.access());
        NotifyProxy starting = new NotifyProxy(Accesses.open(config), Clock.systemUTC());
        starting.start();
        return starting;
    }

    private NotificationServer server() {
        return NotificationServer.parse(
                "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort()));
    }

    private NotificationSubscriber subscriber(SubscriberSettings.Protocol protocol) {
        return network.subscriber(SubscriberSettings.of(server()).withProtocol(protocol), notes);
    }

    private static void subscribe(NotificationSubscriber subscriber, RepositoryName repository) {
        subscriber.subscribe(repository).orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void publish(RepositoryName repository, long revision) {
        NotificationPublisher publisher = network.publisher(PublisherSettings.of(server()));
        byte[] manifest = "C%040d\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS%d\nN%s\n--\n"
                .formatted(revision, revision, repository)
                .getBytes(ISO_8859_1);
        publisher
                .publish(ActivityMessage.announce(manifest, Instant.parse("2026-11-26T21:13:15Z")))
                .join();
    }

    private void awaitActivities(String... activities) {
        await().untilAsserted(() -> assertThat(notes.activities).containsExactly(activities));
    }

    @ParameterizedTest
    @EnumSource(SubscriberSettings.Protocol.class)
    void whatIsPublishedIsReceivedInOrder(SubscriberSettings.Protocol protocol) {
        publish(ATLAS, 6);
        NotificationSubscriber subscriber = subscriber(protocol);
        subscribe(subscriber, ATLAS);
        awaitActivities("atlas.cern.ch revision 6");

        publish(ATLAS, 7);
        publish(CMS, 1);
        publish(ATLAS, 8);
        publish(ATLAS, 8);

        awaitActivities(
                "atlas.cern.ch revision 6",
                "atlas.cern.ch revision 7",
                "atlas.cern.ch revision 8",
                "atlas.cern.ch revision 8");
    }

    @ParameterizedTest
    @EnumSource(SubscriberSettings.Protocol.class)
    void aLateSubscriberReceivesTheLastOfEachRepositoryOnce(SubscriberSettings.Protocol protocol) {
        publish(ATLAS, 7);
        publish(ATLAS, 8);
        publish(CMS, 1);
        NotificationSubscriber subscriber = subscriber(protocol);
        subscribe(subscriber, ATLAS);
        await().until(() -> notes.activities.size() == 1);

        subscribe(subscriber, CMS);

        awaitActivities("atlas.cern.ch revision 8", "cms.cern.ch revision 1");
        publish(ATLAS, 9);
        awaitActivities("atlas.cern.ch revision 8", "cms.cern.ch revision 1", "atlas.cern.ch revision 9");
    }

    @ParameterizedTest
    @CsvSource({"AUTO, WEBSOCKET", "WEBSOCKET, WEBSOCKET", "EVENT_STREAM, EVENT_STREAM"})
    void aRestartOfTheProxyIsSurvivedAndNothingIsMissedOrReceivedTwice(
            SubscriberSettings.Protocol protocol, SubscriberSettings.Protocol spoken) throws IOException {
        NotificationSubscriber subscriber = subscriber(protocol);
        subscribe(subscriber, ATLAS);
        subscribe(subscriber, CMS);
        publish(ATLAS, 7);
        publish(CMS, 1);
        await().until(() -> notes.activities.size() == 2);
        int port = proxy.address().getPort();
        proxy.close();
        await().until(() -> notes.connections.contains("-"));

        proxy = started(port);
        publish(ATLAS, 8);
        await().until(() -> notes.connections.lastIndexOf(spoken.name()) > notes.connections.lastIndexOf("-"));
        publish(CMS, 2);

        await().untilAsserted(() -> assertThat(notes.activities)
                .containsExactlyInAnyOrder(
                        "atlas.cern.ch revision 7",
                        "cms.cern.ch revision 1",
                        "atlas.cern.ch revision 8",
                        "cms.cern.ch revision 2"));
    }

    @ParameterizedTest
    @EnumSource(SubscriberSettings.Protocol.class)
    void whatIsUnsubscribedIsReceivedNoMore(SubscriberSettings.Protocol protocol) {
        NotificationSubscriber subscriber = subscriber(protocol);
        subscribe(subscriber, ATLAS);
        subscribe(subscriber, CMS);
        subscriber.unsubscribe(ATLAS);

        publish(ATLAS, 7);
        publish(CMS, 1);

        awaitActivities("cms.cern.ch revision 1");
    }
}
