package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Several proxies in processes of their own, on one RabbitMQ and behind one address. All but one are killed, one after the other:
 * clients of the library end up at another and notice nothing but a pause.
 */
@NeedsRabbitMq
class ProxyKilledIT {

    private static final List<RepositoryName> REPOSITORIES =
            List.of(new RepositoryName("a.example.org"), new RepositoryName("b.example.org"));
    private static final int SUBSCRIBERS = 12;
    private static final int REVISIONS_BETWEEN = 20;

    /** Notes what it hears. */
    private static final class Notes implements SubscriptionListener {

        private final List<ActivityMessage> received = new CopyOnWriteArrayList<>();

        @Override
        public void activity(ActivityMessage message) {
            received.add(message);
        }

        List<Long> revisionsOf(RepositoryName repository) {
            return received.stream()
                    .filter(message -> message.repository().equals(repository))
                    .map(message -> message.revision().bits())
                    .toList();
        }
    }

    private final Broker broker;
    private final Network network = Network.builder().build();
    private final List<JarProcess> proxies = new ArrayList<>();
    private final List<Notes> subscribers = new ArrayList<>();
    private int revision;

    @TempDir
    Path folder;

    ProxyKilledIT(Broker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void forget() {
        revision = 0;
    }

    @AfterEach
    void stop() {
        network.close();
        proxies.forEach(JarProcess::close);
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUIRED", "OFF"})
    void subscribersAndPublishersContinueAtAnotherProxyAndMissNothing(StreamUse stream) throws Exception {
        AmqpSettings amqp = broker.amqp().names(UUID.randomUUID().toString()).stream(stream);
        for (int i = 0; i < Effort.choose(2, 3); i++) {
            proxies.add(JarProcess.start(
                    folder, "serve", "--config", config(amqp, i).toString()));
        }
        proxies.forEach(proxy -> proxy.awaitOut("listening on "));
        try (Balancer balancer =
                Balancer.before(proxies.stream().map(JarProcess::uri).toList())) {
            NotificationServer server = NotificationServer.parse(balancer.server());
            subscribe(server);
            NotificationPublisher publisher = network.publisher(PublisherSettings.of(server));
            publishSome(publisher);

            for (JarProcess victim : proxies.subList(1, proxies.size())) {
                victim.kill();
                publishSome(publisher);
            }

            for (Notes subscriber : subscribers) {
                for (RepositoryName repository : REPOSITORIES) {
                    Awaitility.await()
                            .atMost(JarProcess.LIMIT)
                            .untilAsserted(() -> assertThat(subscriber.revisionsOf(repository))
                                    .endsWith((long) revision));
                    assertThat(subscriber.revisionsOf(repository)).isSorted();
                }
            }
        }
    }

    private Path config(AmqpSettings amqp, int number) throws IOException {
        String mode = amqp.toConfig().stream().name().toLowerCase(Locale.ROOT);
        return Files.writeString(folder.resolve("config%d.json".formatted(number)), """
                {"bind": "127.0.0.1", "port": 0, "log_level": "warn", "state_dir": "%s",
                 "access": {"anonymous_publish": "everyone"},
                 "amqp": {"url": "%s", "port": %d, "vhost": "%s", "user": "%s", "pass": "%s",
                          "exchange": "%s", "stream": "%s", "stream_name": "%s"}}
                """.formatted(
                        folder.resolve("state" + number),
                        amqp.host(),
                        amqp.port(),
                        amqp.vhost(),
                        amqp.user(),
                        amqp.password(),
                        amqp.exchange(),
                        mode,
                        amqp.streamName()));
    }

    private void subscribe(NotificationServer server) {
        for (int i = 0; i < SUBSCRIBERS; i++) {
            Notes notes = new Notes();
            SubscriberSettings.Protocol protocol =
                    i % 2 == 0 ? SubscriberSettings.Protocol.WEBSOCKET : SubscriberSettings.Protocol.EVENT_STREAM;
            SubscriberSettings settings =
                    SubscriberSettings.of(server).withProtocol(protocol).withLongestPause(Duration.ofSeconds(1));
            NotificationSubscriber subscriber = network.subscriber(settings, notes);
            REPOSITORIES.forEach(repository -> subscriber
                    .subscribe(repository)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join());
            subscribers.add(notes);
        }
    }

    /** Each revision of each repository is answered with success, if need be after a few attempts of the library. */
    private void publishSome(NotificationPublisher publisher) {
        for (int i = 0; i < REVISIONS_BETWEEN; i++) {
            revision++;
            for (RepositoryName repository : REPOSITORIES) {
                publisher
                        .publish(Activities.message(repository.value(), revision))
                        .join();
            }
        }
    }
}
