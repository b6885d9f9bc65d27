package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** WebSockets that end or fall silent, and what follows. */
class WebSocketReconnectTest extends SubscriberFixture {

    private static final Duration PING_INTERVAL = Duration.ofSeconds(25);

    /** Takes one subscription, and then does nothing but answer pings. */
    private static final ScriptedServer.Script QUIET = connection -> {
        WebSocketPeer peer = WebSocketPeer.accept(connection);
        peer.readSubscription();
        peer.awaitEnd();
    };

    private NotificationSubscriber subscribe() {
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        get(subscriber.subscribe(ATLAS));
        return subscriber;
    }

    @Test
    void aCloseByTheServerIsReportedWithItsCodeAndReason() throws Exception {
        serve(
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    peer.close(1001, "going away");
                    peer.awaitEnd();
                },
                QUIET);
        subscribe();
        await().until(() -> !recorded.causes().isEmpty());

        passPause();

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "disconnected",
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch");
        assertThat(recorded.causes().get(0))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining("the server closed the connection (1001 going away)");
    }

    @Test
    void afterALostConnectionAllRepositoriesAreSubscribedAgain() throws Exception {
        CountDownLatch drop = new CountDownLatch(1);
        List<String> asked = new CopyOnWriteArrayList<>();
        serve(
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    peer.readSubscription();
                    drop.await();
                    connection.reset();
                },
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    asked.add(peer.readSubscription());
                    asked.add(peer.readSubscription());
                    peer.awaitEnd();
                });
        NotificationSubscriber subscriber = subscribe();
        get(subscriber.subscribe(CMS));
        drop.countDown();

        passPause();

        await().until(() -> asked.size() == 2);
        assertThat(asked).containsExactlyInAnyOrder("atlas.cern.ch", "cms.cern.ch");
        await().until(() -> subscriber.counts().connections() == 2);
    }

    @Test
    void aMessageRepeatedAfterAReconnectIsDropped() throws Exception {
        ScriptedServer.Script replaying = connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.send(activityText(ATLAS, 7));
            connection.write(WebSocketPeer.frame(0x88, new byte[0]));
            peer.awaitEnd();
        };
        serve(replaying, connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.send(activityText(ATLAS, 7));
            peer.send(activityText(ATLAS, 7));
            peer.awaitEnd();
        });
        NotificationSubscriber subscriber = subscribe();

        passPause();

        await().untilAsserted(() ->
                assertThat(subscriber.counts()).isEqualTo(new NotificationSubscriber.Counts(2, 2, 0, 1, 0)));
        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "disconnected",
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7");
    }

    @Test
    void anAnnouncementDuringALostConnectionIsDelivered() throws Exception {
        serve(
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    peer.send(activityText(ATLAS, 7));
                    connection.awaitEnd();
                },
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    peer.send(activityText(ATLAS, 8));
                    peer.awaitEnd();
                });
        subscribe();
        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        server.connection(0).close();

        passPause();

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 8"));
    }

    @Test
    void aRepositoryUnsubscribedDuringAPauseIsNotSubscribedAgain() throws Exception {
        CountDownLatch drop = new CountDownLatch(1);
        CountDownLatch pinged = new CountDownLatch(1);
        serve(
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    peer.readSubscription();
                    drop.await();
                },
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    assertThat(peer.readSubscription()).isEqualTo("cms.cern.ch");
                    assertThat(peer.read().opcode()).isEqualTo(WebSocketPeer.PING);
                    pinged.countDown();
                    peer.awaitEnd();
                });
        NotificationSubscriber subscriber = subscribe();
        get(subscriber.subscribe(CMS));
        drop.countDown();
        await().until(() -> recorded.lines().contains("disconnected"));
        subscriber.unsubscribe(ATLAS);

        passPause();

        await().until(() -> subscriber.counts().connections() == 2);
        await().until(() -> timer.delays().contains(PING_INTERVAL));
        timer.advance(PING_INTERVAL);

        await().until(() -> pinged.getCount() == 0);
    }

    @Test
    void withoutASubscriptionItDoesNotReconnect() throws Exception {
        serve(
                connection -> {
                    connection.readRequest();
                    connection.reset();
                },
                QUIET);
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        subscriber.subscribe(ATLAS);
        await().until(() -> recorded.lines().contains("disconnected"));
        subscriber.unsubscribe(ATLAS);
        passPause();
        assertThat(server.connections()).hasSize(1);

        get(subscriber.subscribe(CMS));

        assertThat(server.connections()).hasSize(2);
    }

    @Test
    void pausesGrowForAServerThatAcceptsAndCloses() throws Exception {
        serve(connection -> WebSocketPeer.accept(connection).close(1011, ""));
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        subscriber.subscribe(ATLAS);

        List<Duration> pauses = Stream.generate(this::passPause).limit(8).toList();

        assertThat(pauses).allSatisfy(pause -> assertThat(pause).isLessThanOrEqualTo(Duration.ofSeconds(30)));
        assertThat(pauses.get(3)).isGreaterThanOrEqualTo(Duration.ofSeconds(4));
        assertThat(pauses.get(7)).isGreaterThanOrEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void aStableConnectionResetsThePauses() throws Exception {
        ScriptedServer.Script refusing = c -> WebSocketPeer.accept(c).close(1011, "");
        serve(refusing, refusing, refusing, refusing, QUIET);
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        CompletableFuture<Void> accepted = subscriber.subscribe(ATLAS);
        for (int i = 0; i < 4; i++) {
            passPause();
        }
        await().until(() -> server.connections().size() == 5);
        get(accepted);
        await().until(() -> subscriber.counts().connections() == 5);
        timer.advance(Duration.ofSeconds(11));

        server.connection(4).close();

        assertThat(passPause()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aServerThatAnswersPingsStaysConnected() throws Exception {
        AtomicInteger pongsReceived = new AtomicInteger();
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            for (WebSocketPeer.Frame ping = peer.read(); ping.opcode() != WebSocketPeer.CLOSE; ping = peer.read()) {
                assertThat(ping.opcode()).isEqualTo(WebSocketPeer.PING);
                assertThat(ping.payload()).hasSize(1);
                peer.send(WebSocketPeer.PONG, ping.payload());
                peer.send(WebSocketPeer.PING, new byte[] {1});
                assertThat(peer.read().opcode()).isEqualTo(WebSocketPeer.PONG);
                pongsReceived.incrementAndGet();
            }
        });
        subscribe();
        await().until(() -> timer.delays().contains(PING_INTERVAL));

        for (int i = 1; i <= 10; i++) {
            int pings = i;
            timer.advance(PING_INTERVAL);
            await().until(() -> pongsReceived.get() == pings);
        }

        assertThat(recorded.lines()).containsExactly("connected WEBSOCKET", "subscribed atlas.cern.ch");
    }

    @Test
    void aServerThatAnswersNoPingIsDisconnected() throws Exception {
        serve(
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.readSubscription();
                    connection.awaitEnd();
                },
                QUIET);
        subscribe();
        await().until(() -> timer.delays().contains(PING_INTERVAL));

        timer.advance(PING_INTERVAL.multipliedBy(2));
        passPause();

        await().until(() -> recorded.lines().size() == 5);
        assertThat(recorded.causes().get(0))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining("the server sent nothing for 25 s, not even a pong");
        await().until(() -> server.connection(0).isEnded());
    }
}
