package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Subscriptions that are refused over a WebSocket that stands. */
class WebSocketDenialTest extends SubscriberFixture {

    private static final Duration PING_INTERVAL = Duration.ofSeconds(25);
    private static final String DENIAL = """
            {"reason":"not_allowed","status":"error","repository":"atlas.cern.ch","right":"subscribe",\
            "detail":"these credentials lack the right to subscribe to atlas.cern.ch; the server's administrator can add \
            it to the subscribe list of their entry"}""";

    /** Refuses the first subscription in these words, then answers pings. */
    private static ScriptedServer.Script refusing(String words, AtomicInteger pongs) {
        return connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readQuestion()).isEqualTo("atlas.cern.ch");
            peer.send(words);
            // Its own ping after each pong shows that the client has received the pong.
            for (WebSocketPeer.Frame frame = peer.read(); frame.opcode() == WebSocketPeer.PING; frame = peer.read()) {
                peer.send(WebSocketPeer.PONG, frame.payload());
                peer.send(WebSocketPeer.PING, new byte[] {1});
                assertThat(peer.read().opcode()).isEqualTo(WebSocketPeer.PONG);
                pongs.incrementAndGet();
            }
            connection.noteEnd();
        };
    }

    private NotifyException cause() {
        await().until(() -> !recorded.causes().isEmpty());
        return recorded.causes().get(0);
    }

    @Test
    void aRefusedSubscriptionIsNotReportedAsAccepted() throws IOException {
        AtomicInteger pongs = new AtomicInteger();
        serve(refusing(DENIAL, pongs));

        var accepted = subscriber(SubscriberSettings.Protocol.WEBSOCKET).subscribe(ATLAS);

        assertThat(cause())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("/api/v1/subscribe: the server refuses the subscription to atlas.cern.ch:"
                        + " these credentials lack the right to subscribe to atlas.cern.ch; the server's administrator can"
                        + " add it to the subscribe list of their entry (not_allowed)");
        await().until(() -> pongs.get() == 1);
        assertThat(recorded.lines()).containsExactly("connected WEBSOCKET", "refused atlas.cern.ch");
        assertThat(accepted).isNotDone();
    }

    @ParameterizedTest
    @CsvSource({
        "credentials_needed, credentials with the right to subscribe are needed here",
        "invalid_credentials, the credentials are not valid",
        "not_allowed, these credentials lack the right to subscribe"
    })
    void aServerThatNamesNeitherRepositoryNorRightIsUnderstood(String reason, String words) throws IOException {
        AtomicInteger pongs = new AtomicInteger();
        serve(refusing("{\"reason\":\"%s\",\"status\":\"error\"}".formatted(reason), pongs));

        subscriber(SubscriberSettings.Protocol.WEBSOCKET).subscribe(ATLAS);

        assertThat(cause())
                .isInstanceOf(RefusedException.class)
                .hasMessageEndingWith("the subscription to atlas.cern.ch: %s (%s)".formatted(words, reason));
        await().until(() -> pongs.get() == 1);
    }

    @Test
    void aLimitOfTheServerIsATransientFailure() throws IOException {
        AtomicInteger pongs = new AtomicInteger();
        serve(refusing(DENIAL.replace("not_allowed", "too_many_subscriptions"), pongs));

        subscriber(SubscriberSettings.Protocol.WEBSOCKET).subscribe(ATLAS);

        assertThat(cause()).isInstanceOf(TransientFailureException.class);
        await().until(() -> pongs.get() == 1);
    }

    @Test
    void theOtherSubscriptionsOfTheConnectionContinue() throws IOException {
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readQuestion()).isEqualTo("atlas.cern.ch");
            peer.send(DENIAL);
            assertThat(peer.readSubscription()).isEqualTo("cms.cern.ch");
            peer.send(activityText(CMS, 3));
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        subscriber.subscribe(ATLAS);
        cause();

        get(subscriber.subscribe(CMS));

        awaitRecorded(
                "connected WEBSOCKET", "refused atlas.cern.ch", "subscribed cms.cern.ch", "cms.cern.ch revision 3");
    }

    @Test
    void aRefusedSubscriptionIsRetriedAfterFiveMinutesOnANewConnection() throws IOException {
        // Given a refusal, and a server that has changed its mind since
        AtomicInteger pongs = new AtomicInteger();
        serve(refusing(DENIAL, pongs), connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readSubscription()).isEqualTo("atlas.cern.ch");
            peer.awaitEnd();
        });
        subscriber(SubscriberSettings.Protocol.WEBSOCKET).subscribe(ATLAS);
        await().until(() -> pongs.get() == 1);

        // When
        for (int i = 1; i < 12; i++) {
            int expected = 1 + i;
            timer.advance(PING_INTERVAL);
            await().until(() -> pongs.get() == expected);
        }
        assertThat(server.connections()).hasSize(1);
        timer.advance(PING_INTERVAL);

        // Nothing was lost, so there is nothing to report
        awaitRecorded(
                "connected WEBSOCKET", "refused atlas.cern.ch", "connected WEBSOCKET", "subscribed atlas.cern.ch");
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void aRefusedRepositoryThatWasUnsubscribedIsNotSubscribedAgain() throws IOException {
        AtomicInteger pongs = new AtomicInteger();
        serve(refusing(DENIAL, pongs), connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readSubscription()).isEqualTo("cms.cern.ch");
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        subscriber.subscribe(ATLAS);
        await().until(() -> pongs.get() == 1);
        cause();

        subscriber.unsubscribe(ATLAS);
        for (int i = 1; i < 12; i++) {
            int expected = 1 + i;
            timer.advance(PING_INTERVAL);
            await().until(() -> pongs.get() == expected);
        }
        timer.advance(PING_INTERVAL);

        // Then the new connection is for others
        subscriber.subscribe(CMS);
        awaitRecorded("connected WEBSOCKET", "refused atlas.cern.ch", "connected WEBSOCKET", "subscribed cms.cern.ch");
    }

    @Test
    void furtherRefusalsDoNotDelayTheNewConnection() throws IOException {
        // Given a server that refuses everything on its first connection, and waits that are short
        AtomicInteger pongs = new AtomicInteger();
        serve(refusingAll(pongs), connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readSubscription()).isEqualTo("atlas.cern.ch");
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        subscriber.subscribe(ATLAS);
        await().until(() -> pongs.get() == 1);
        for (int i = 1; i < 12; i++) {
            int expected = 1 + 2 * i;
            timer.advance(PING_INTERVAL);
            await().until(() -> pongs.get() == expected - 1);
            subscriber.unsubscribe(ATLAS);
            subscriber.subscribe(ATLAS);
            await().until(() -> pongs.get() == expected);
        }
        assertThat(server.connections()).hasSize(1);

        timer.advance(PING_INTERVAL);

        await().untilAsserted(() -> assertThat(recorded.lines()).contains("subscribed atlas.cern.ch"));
    }

    private static ScriptedServer.Script refusingAll(AtomicInteger pongs) {
        return connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            for (WebSocketPeer.Frame frame = peer.read(); frame.opcode() != WebSocketPeer.CLOSE; frame = peer.read()) {
                if (frame.opcode() == WebSocketPeer.BINARY) {
                    peer.send(DENIAL);
                } else if (frame.opcode() == WebSocketPeer.PING) {
                    peer.send(WebSocketPeer.PONG, frame.payload());
                    peer.send(WebSocketPeer.PING, new byte[] {1});
                } else {
                    pongs.incrementAndGet();
                }
            }
            connection.noteEnd();
        };
    }

    @Test
    void aPongAlsoAnswersThePingsBeforeIt() throws IOException {
        // Given a server that answers only the newest of several pings
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            WebSocketPeer.Frame newest = peer.read();
            for (int pings = 0; pings < 3; newest = pings < 3 ? peer.read() : newest) {
                pings += newest.opcode() == WebSocketPeer.PING ? 1 : 0;
                if (pings == 2 && newest.opcode() == WebSocketPeer.PING) {
                    peer.send("""
                            {"reason":"not_allowed","status":"error","repository":"cms.cern.ch"}""");
                }
            }
            peer.send(WebSocketPeer.PONG, newest.payload());
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);

        subscriber.subscribe(ATLAS);
        subscriber.subscribe(CMS);
        subscriber.subscribe(new RepositoryName("lhcb.cern.ch"));

        awaitRecorded(
                "connected WEBSOCKET", "refused cms.cern.ch", "subscribed atlas.cern.ch", "subscribed lhcb.cern.ch");
        assertThat(recorded.lines().indexOf("subscribed atlas.cern.ch"))
                .isLessThan(recorded.lines().indexOf("subscribed lhcb.cern.ch"));
    }
}
