package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher.Receipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three levels in processes of their own: a proxy, a relay of it for a region, and a relay of that for a site, with the clients. */
class RelayIT {

    private static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");

    /** Notes the revisions it gets. */
    private static final class Client implements SubscriptionListener {

        private final List<Long> revisions = new CopyOnWriteArrayList<>();

        @Override
        public void activity(ActivityMessage message) {
            revisions.add(message.revision().bits());
        }

        void awaitLast(long revision) {
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .untilAsserted(() -> assertThat(revisions).endsWith(revision));
        }
    }

    private final Network network = Network.builder().build();
    private final List<JarProcess> processes = new ArrayList<>();
    private final int port = FreePort.find();
    private final int regionPort = FreePort.find();

    @TempDir
    Path folder;

    private JarProcess top;
    private JarProcess region;
    private JarProcess site;

    @BeforeEach
    void start() throws IOException {
        top = startTop();
        region = relay("region", regionPort, top);
        site = relay("site", region);
    }

    @AfterEach
    void stop() {
        network.close();
        processes.forEach(JarProcess::close);
    }

    private JarProcess startTop() throws IOException {
        return serve("top", port, "--standalone");
    }

    private JarProcess relay(String name, JarProcess upstream) throws IOException {
        return relay(name, 0, upstream);
    }

    private JarProcess relay(String name, int port, JarProcess upstream) throws IOException {
        return serve(
                name,
                port,
                "--upstream",
                upstream.server(),
                "--set",
                "upstream.publish_timeout=2s",
                "--set",
                "upstream.max_reconnect_delay=1s");
    }

    private JarProcess serve(String name, int port, String... further) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--bind", "127.0.0.1"));
        arguments.addAll(List.of("--port", String.valueOf(port)));
        arguments.addAll(List.of("--state-dir", folder.resolve(name).toString()));
        arguments.addAll(List.of("--set", "access.anonymous_publish=everyone"));
        arguments.addAll(List.of(further));
        JarProcess started = JarProcess.start(folder, arguments.toArray(String[]::new));
        processes.add(started);
        started.awaitOut("listening on ");
        return started;
    }

    private Client subscribed(JarProcess proxy) {
        Client client = new Client();
        network.subscriber(
                        SubscriberSettings.of(NotificationServer.parse(proxy.server()))
                                .withLongestPause(Duration.ofSeconds(1)),
                        client)
                .subscribe(REPOSITORY)
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        return client;
    }

    private CompletableFuture<Receipt> publish(JarProcess proxy, long revision, Duration timeLimit) {
        NotificationPublisher publisher = network.publisher(
                PublisherSettings.of(NotificationServer.parse(proxy.server())).withTimeLimit(timeLimit));
        return publisher.publish(Activities.message(REPOSITORY.value(), revision));
    }

    private void publishAll(JarProcess proxy, long from, long to) {
        for (long revision = from; revision <= to; revision++) {
            publish(proxy, revision, JarProcess.LIMIT).join();
        }
    }

    @Test
    void nothingAnsweredWithSuccessIsLostWhenTheTopIsKilledAndOrderIsKept() throws Exception {
        Client client = subscribed(site);
        publishAll(site, 1, 1);
        client.awaitLast(1);
        publishAll(site, 2, 10);
        client.awaitLast(10);

        top.kill();
        CompletableFuture<Receipt> waiting = publish(site, 11, JarProcess.LIMIT);
        startTop();
        waiting.join();
        publishAll(site, 12, 20);

        client.awaitLast(20);
        // What a relay did not get answered in its 2 s is published again, and may then come again.
        assertThat(client.revisions).isSorted();
        assertThat(client.revisions.stream().distinct()).startsWith(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
    }

    @Test
    void aKilledRelayServesItsLastValuesAgainAndItsClientsMissNothing() throws Exception {
        Client client = subscribed(site);
        publishAll(top, 1, 5);
        client.awaitLast(5);

        region.kill();
        publishAll(top, 6, 10);
        Client newcomer = subscribed(site);
        newcomer.awaitLast(5);
        relay("region", regionPort, top);

        client.awaitLast(10);
        newcomer.awaitLast(10);
        assertThat(client.revisions).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aFrozenRelayCostsTimeOnly() throws Exception {
        Client client = subscribed(site);
        publishAll(top, 1, 5);
        client.awaitLast(5);

        region.freeze();
        publishAll(top, 6, 10);
        assertThatThrownBy(() -> publish(site, 99, Duration.ZERO).join())
                .as("answered within the limit of the relay")
                .hasCauseInstanceOf(TransientFailureException.class)
                .hasMessageContaining("503");
        subscribed(site).awaitLast(5);
        region.thaw();

        publishAll(site, 100, 105);
        client.awaitLast(105);
        // The frozen relay may have passed 99 on at any time later, although its publisher was told to try again.
        assertThat(client.revisions)
                .filteredOn(revision -> revision != 99)
                .isSorted()
                .contains(10L);
    }
}
