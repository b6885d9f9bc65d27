package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A scripted server, a manual timer, and a subscriber with a recording listener. */
class SubscriberFixture {

    private static final Duration OFTEN = Duration.ofMillis(5);

    private static HttpClient http;
    private static JettyClient webSockets;

    final ManualTimer timer = new ManualTimer();
    final RecordingListener recorded = new RecordingListener();
    ScriptedServer server;
    private final List<NotificationSubscriber> subscribers = new ArrayList<>();
    private int passedPauses;

    @BeforeAll
    static void startClients() {
        http = HttpClient.newHttpClient();
        webSockets = new JettyClient(http, "test");
    }

    @AfterAll
    static void stopClients() {
        webSockets.close();
    }

    @AfterEach
    void stop() throws IOException {
        subscribers.forEach(NotificationSubscriber::close);
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    void serve(ScriptedServer.Script... scripts) throws IOException {
        server = ScriptedServer.start(scripts);
    }

    NotificationSubscriber subscriber(SubscriberSettings.Protocol protocol) {
        return subscriber(settings().withProtocol(protocol), recorded);
    }

    SubscriberSettings settings() {
        return SubscriberSettings.of(
                NotificationServer.parse(server.url("/api/v1").toString()));
    }

    NotificationSubscriber subscriber(SubscriberSettings settings, SubscriptionListener listener) {
        NotificationSubscriber subscriber = new ReconnectingSubscriber(
                settings, new HttpSender(http, "test"), webSockets, timer, listener, closed -> {});
        subscribers.add(subscriber);
        return subscriber;
    }

    /** Waits until exactly these calls were recorded, in order; only an activity may overtake "subscribed". */
    void awaitRecorded(String... lines) {
        List<String> inOrder =
                Stream.of(lines).filter(SubscriberFixture::isOrdered).toList();
        await().untilAsserted(() -> assertThat(recorded.lines())
                .containsExactlyInAnyOrder(lines)
                .filteredOn(SubscriberFixture::isOrdered)
                .isEqualTo(inOrder));
    }

    private static boolean isOrdered(String line) {
        return !line.startsWith("subscribed ");
    }

    /** Waits until the pause before the next attempt has begun, and lets it pass. */
    Duration passPause() {
        await().pollInterval(OFTEN).until(() -> recorded.pauses().size() > passedPauses);
        Duration pause = recorded.pauses().get(passedPauses);
        passedPauses++;
        await().pollInterval(OFTEN).until(() -> timer.delays().contains(pause));
        timer.advance(pause);
        return pause;
    }
}
