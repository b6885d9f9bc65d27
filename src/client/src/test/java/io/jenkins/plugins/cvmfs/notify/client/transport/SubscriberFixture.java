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

/** A scripted server, time by hand, and a subscriber with a listener that notes what it hears. */
class SubscriberFixture {

    private static final Duration OFTEN = Duration.ofMillis(5);

    private static HttpClient http;
    private static JettyClient webSockets;

    final ManualTimer timer = new ManualTimer();
    final Heard heard = new Heard();
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
        return subscriber(settings().withProtocol(protocol), heard);
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

    /** Waits until the listener has heard exactly this, in order; only an activity may overtake the notice "subscribed". */
    void awaitHeard(String... lines) {
        List<String> inOrder =
                Stream.of(lines).filter(SubscriberFixture::isOrdered).toList();
        await().untilAsserted(() -> assertThat(heard.lines())
                .containsExactlyInAnyOrder(lines)
                .filteredOn(SubscriberFixture::isOrdered)
                .isEqualTo(inOrder));
    }

    private static boolean isOrdered(String line) {
        return !line.startsWith("subscribed ");
    }

    /** Waits until the pause before the next attempt runs, and lets it pass. */
    Duration passPause() {
        await().pollInterval(OFTEN).until(() -> heard.pauses().size() > passedPauses);
        Duration pause = heard.pauses().get(passedPauses);
        passedPauses++;
        await().pollInterval(OFTEN).until(() -> timer.delays().contains(pause));
        timer.advance(pause);
        return pause;
    }
}
