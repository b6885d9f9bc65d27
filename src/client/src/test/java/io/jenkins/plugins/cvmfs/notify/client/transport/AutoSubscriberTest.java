package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which protocol is tried when, if the server may speak either. */
class AutoSubscriberTest extends SubscriberFixture {

    private static final String WEB_SOCKET = "GET /api/v1/subscribe HTTP/1.1";
    private static final String EVENT_STREAM = "GET /api/v1/notifications/subscribe?repository=atlas.cern.ch HTTP/1.1";

    /** WebSockets at generation 1's path, and nothing else. */
    private static final ScriptedServer.Script ORIGINAL_SERVICE = ScriptedServer.answering(connection -> {
        if (connection.target().equals("/api/v1/subscribe")) {
            WebSocketPeer peer = WebSocketPeer.upgrade(connection);
            peer.readSubscription();
            peer.awaitEnd();
        } else {
            connection.answer(404, "");
        }
    });

    /** Event streams at generation 2's path, and nothing else. */
    private static final ScriptedServer.Script GATEWAY = withoutWebSocket(404);

    private static ScriptedServer.Script withoutWebSocket(int status, String... headers) {
        return ScriptedServer.answering(connection -> {
            if (connection.target().startsWith("/api/v1/notifications/subscribe")) {
                connection.write(SseAnswer.HEAD);
                connection.awaitEnd();
            } else {
                connection.answer(status, "", headers);
            }
        });
    }

    private NotificationSubscriber subscribe() {
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.AUTO);
        get(subscriber.subscribe(ATLAS));
        return subscriber;
    }

    @Test
    void theOriginalServiceIsConnectedByWebSocket() throws Exception {
        serve(ORIGINAL_SERVICE);

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch");
        assertThat(server.requestLines()).containsExactly(WEB_SOCKET);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 426, 500, 502, 503})
    void withoutAWebSocketAnEventStreamIsTriedAtOnce(int status) throws Exception {
        serve(withoutWebSocket(status));

        subscribe();

        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch");
        assertThat(server.requestLines()).containsExactly(WEB_SOCKET, EVENT_STREAM);
    }

    @Test
    void aServerThatAsksForAPauseIsNotTriedByTheOtherProtocol() throws Exception {
        serve(withoutWebSocket(503, "Retry-After: 17"));
        subscriber(SubscriberSettings.Protocol.AUTO).subscribe(ATLAS);

        await().until(() -> !recorded.pauses().isEmpty());

        assertThat(recorded.pauses()).containsExactly(Duration.ofSeconds(17));
        assertThat(server.requestLines()).containsExactly(WEB_SOCKET);
    }

    @Test
    void afterAnUnansweredUpgradeAnEventStreamIsTried() throws Exception {
        serve(ScriptedServer.SILENT, GATEWAY);
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.AUTO);
        subscriber.subscribe(ATLAS);
        await().until(() -> server.connections().size() == 1);

        timer.advance(Duration.ofSeconds(20));

        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch");
    }

    @Test
    void theProtocolThatWorkedIsTriedFirstTheNextTime() throws Exception {
        serve(GATEWAY);
        NotificationSubscriber subscriber = subscribe();
        server.connections().forEach(AutoSubscriberTest::drop);

        passPause();

        await().until(() -> subscriber.counts().connections() == 2);
        assertThat(server.requestLines()).containsExactly(WEB_SOCKET, EVENT_STREAM, EVENT_STREAM);
    }

    @Test
    void afterAServerChangesItsProtocolTheOtherOneIsUsed() throws Exception {
        serve(
                connection -> {
                    connection.readRequest();
                    WebSocketPeer.upgrade(connection).readSubscription();
                },
                GATEWAY);
        NotificationSubscriber subscriber = subscribe();

        passPause();

        await().until(() -> subscriber.counts().connections() == 2);
        assertThat(server.requestLines()).containsExactly(WEB_SOCKET, WEB_SOCKET, EVENT_STREAM);
    }

    @Test
    void aServerThatSpeaksNeitherProtocolIsReportedOnceAndTriedByBothAgain() throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(404, "")));
        subscriber(SubscriberSettings.Protocol.AUTO).subscribe(ATLAS);

        passPause();

        await().until(() -> recorded.causes().size() == 2);
        assertThat(server.requestLines()).containsExactlyInAnyOrder(WEB_SOCKET, EVENT_STREAM, WEB_SOCKET, EVENT_STREAM);
    }

    @Test
    void anUnreachableServerIsTriedByOneProtocolOnly() throws Exception {
        serve(ORIGINAL_SERVICE);
        SubscriberSettings settings = settings();
        server.close();

        subscriber(settings, recorded).subscribe(ATLAS);

        await().until(() -> recorded.causes().size() == 1);
        assertThat(recorded.causes().get(0)).hasMessageContaining("/api/v1/subscribe: cannot connect");
    }

    @ParameterizedTest
    @CsvSource({"/x/subscribe, WEBSOCKET", "/x/notifications/subscribe, EVENT_STREAM"})
    void aFullUrlIsUsedUnchangedForBothProtocols(String path, SubscriberSettings.Protocol protocol) throws Exception {
        serve(ScriptedServer.answering(connection -> {
            if (protocol == SubscriberSettings.Protocol.WEBSOCKET) {
                WebSocketPeer peer = WebSocketPeer.upgrade(connection);
                peer.readSubscription();
                peer.awaitEnd();
            } else if (connection.header("Upgrade").isEmpty()) {
                connection.write(SseAnswer.HEAD);
                connection.awaitEnd();
            } else {
                connection.answer(400, "");
            }
        }));
        SubscriberSettings settings =
                SubscriberSettings.of(NotificationServer.parse(server.url(path).toString()));

        get(subscriber(settings, recorded).subscribe(ATLAS));

        awaitRecorded("connected " + protocol, "subscribed atlas.cern.ch");
        assertThat(server.requestLines()).allMatch(line -> line.startsWith("GET " + path));
    }

    private static void drop(ScriptedConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
