package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What travels over one WebSocket, well formed or not. */
class WebSocketSubscriberTest extends SubscriberFixture {

    /** Reads the subscription of atlas.cern.ch, and then does what the test says. */
    private void serveAfterSubscription(PeerScript script) throws Exception {
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(peer.readSubscription()).isEqualTo("atlas.cern.ch");
            script.play(peer, connection);
            peer.awaitEnd();
        });
    }

    @FunctionalInterface
    private interface PeerScript {
        void play(WebSocketPeer peer, ScriptedConnection connection) throws IOException, InterruptedException;
    }

    private NotificationSubscriber subscribe() {
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        get(subscriber.subscribe(ATLAS));
        return subscriber;
    }

    @Test
    void anActivityReachesTheListenerAfterTheSubscription() throws Exception {
        serveAfterSubscription((peer, connection) -> peer.send(activityText(ATLAS, 7)));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
        assertThat(server.requestLines()).containsExactly("GET /api/v1/subscribe HTTP/1.1");
        assertThat(server.connection(0).header("Sec-WebSocket-Protocol")).isEmpty();
        assertThat(server.connection(0).header("User-Agent")).isEqualTo("test");
    }

    @Test
    void hundredsOfRepositoriesShareOneSocket() throws Exception {
        List<String> asked = new ArrayList<>();
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            while (true) {
                String repository = peer.readSubscription();
                synchronized (asked) {
                    asked.add(repository);
                }
                peer.send(activityText(new RepositoryName(repository), 1));
            }
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.WEBSOCKET);
        List<RepositoryName> repositories = IntStream.range(0, 300)
                .mapToObj(i -> new RepositoryName("r%d.cern.ch".formatted(i)))
                .toList();

        repositories.forEach(subscriber::subscribe);

        await().until(() -> subscriber.counts().activities() == 300);
        assertThat(asked)
                .containsExactlyInAnyOrderElementsOf(
                        repositories.stream().map(RepositoryName::toString).toList());
        assertThat(server.connections()).hasSize(1);
    }

    @Test
    void aRepositorySubscribedWhileConnectedIsRequestedAtOnce() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            assertThat(peer.readSubscription()).isEqualTo("cms.cern.ch");
            peer.send(activityText(CMS, 3));
        });
        NotificationSubscriber subscriber = subscribe();

        get(subscriber.subscribe(CMS));

        awaitRecorded(
                "connected WEBSOCKET", "subscribed atlas.cern.ch", "subscribed cms.cern.ch", "cms.cern.ch revision 3");
    }

    @Test
    void messagesOfAnUnsubscribedRepositoryAreDropped() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            assertThat(peer.readSubscription()).isEqualTo("cms.cern.ch");
            peer.send(activityText(ATLAS, 7));
            peer.send(activityText(CMS, 3));
        });
        NotificationSubscriber subscriber = subscribe();
        await().until(() -> recorded.lines().size() == 2);
        subscriber.unsubscribe(ATLAS);

        get(subscriber.subscribe(CMS));

        awaitRecorded(
                "connected WEBSOCKET", "subscribed atlas.cern.ch", "subscribed cms.cern.ch", "cms.cern.ch revision 3");
    }

    @Test
    void aRepositorySubscribedAgainGetsItsLastValueAgain() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            peer.send(activityText(ATLAS, 7));
            assertThat(peer.readSubscription()).isEqualTo("atlas.cern.ch");
            peer.send(activityText(ATLAS, 7));
        });
        NotificationSubscriber subscriber = subscribe();
        await().until(() -> recorded.lines().size() == 3);
        subscriber.unsubscribe(ATLAS);

        get(subscriber.subscribe(ATLAS));

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7");
    }

    @Test
    void theSameMessageAnnouncedTwiceIsDeliveredTwice() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            peer.send(activityText(ATLAS, 7));
            peer.send(activityText(ATLAS, 7));
        });

        subscribe();

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "atlas.cern.ch revision 7");
    }

    @Test
    void aMessageMayComeInSeveralFramesWithAPingBetweenThem() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            byte[] message = activityText(ATLAS, 7).getBytes(UTF_8);
            peer.sendInPieces(message, 5);
            peer.send(WebSocketPeer.PING, new byte[] {1});
            assertThat(peer.read().opcode()).isEqualTo(WebSocketPeer.PONG);
            peer.sendInPieces(activityText(ATLAS, 8).getBytes(UTF_8), 2);
        });

        subscribe();

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "atlas.cern.ch revision 8");
    }

    @Test
    void aPartialFrameWaitsForTheRest() throws Exception {
        byte[] frame = WebSocketPeer.frame(0x82, activityText(ATLAS, 7).getBytes(UTF_8));
        serveAfterSubscription((peer, connection) -> {
            connection.write(Arrays.copyOf(frame, 3));
            assertThat(peer.readQuestion()).isEqualTo("cms.cern.ch");
            connection.write(Arrays.copyOfRange(frame, 3, frame.length));
        });
        NotificationSubscriber subscriber = subscribe();

        subscriber.subscribe(CMS);

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "subscribed cms.cern.ch",
                "atlas.cern.ch revision 7");
    }

    @Test
    void textFramesAreReadAsBinaryOnes() throws Exception {
        serveAfterSubscription((peer, connection) ->
                peer.send(WebSocketPeer.TEXT, activityText(ATLAS, 7).getBytes(UTF_8)));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, 65_536, 100_000, ActivityMessage.MAX_BYTES})
    void aLongMessageMayComeInOneFrame(int length) throws Exception {
        String message = activityText(ATLAS, 7);
        String padded = message + " ".repeat(length - message.length());
        serveAfterSubscription((peer, connection) -> peer.send(padded));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
    }

    @Test
    void aMessageThatIsTooLongEndsTheConnection() throws Exception {
        serveAfterSubscription((peer, connection) -> peer.send(" ".repeat(ActivityMessage.MAX_BYTES + 1)));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "disconnected");
        assertThat(recorded.causes().get(0))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a message of more than the 131072 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {ServerReply.NOT_JSON, ServerReply.INVALID_SUBSCRIPTION})
    void anErrorReplyIsAWarningAndTheSocketStaysOpen(String reply) throws Exception {
        String reason = reply.replaceAll(".*\"reason\":\"([^\"]*)\".*", "$1");
        serveAfterSubscription((peer, connection) -> {
            peer.send(reply);
            peer.send(activityText(ATLAS, 7));
        });

        NotificationSubscriber subscriber = subscribe();

        awaitRecorded(
                "connected WEBSOCKET",
                "subscribed atlas.cern.ch",
                "warning the server reports an error: " + reason,
                "atlas.cern.ch revision 7");
        assertThat(subscriber.counts()).isEqualTo(new NotificationSubscriber.Counts(1, 1, 0, 0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "[]", "{}", "{\"version\":1}", "\u0000\u0001"})
    void garbageIsAWarningAndTheSocketStaysOpen(String garbage) throws Exception {
        serveAfterSubscription((peer, connection) -> {
            peer.send(garbage);
            peer.send(activityText(ATLAS, 7));
        });

        subscribe();

        await().until(() -> recorded.lines().size() == 4);
        assertThat(recorded.lines())
                .anyMatch(line -> line.startsWith("warning the server sent an invalid activity message: "))
                .endsWith("atlas.cern.ch revision 7");
    }

    @Test
    void warningsAreBoundedWhileTheListenerIsBusy() throws Exception {
        serveAfterSubscription((peer, connection) -> {
            for (int i = 0; i < 1000; i++) {
                peer.send("garbage");
            }
            peer.send(activityText(ATLAS, 7));
        });
        BlockingListener listener = new BlockingListener(recorded);
        NotificationSubscriber subscriber =
                subscriber(settings().withProtocol(SubscriberSettings.Protocol.WEBSOCKET), listener);
        subscriber.subscribe(ATLAS);
        await().until(() -> subscriber.counts().warnings() == 1000);

        listener.release();

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(recorded.causes()).hasSizeBetween(100, 200);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xF2, 0x83, 0x80})
    void framesThatBreakTheProtocolEndTheConnection(int firstByte) throws Exception {
        serveAfterSubscription((peer, connection) -> connection.write(WebSocketPeer.frame(firstByte, new byte[] {1})));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "disconnected");
    }

    @Test
    void textThatIsNotUtf8EndsTheConnection() throws Exception {
        serveAfterSubscription(
                (peer, connection) -> peer.send(WebSocketPeer.TEXT, new byte[] {(byte) 0xC3, (byte) 0x28}));

        subscribe();

        awaitRecorded("connected WEBSOCKET", "subscribed atlas.cern.ch", "disconnected");
    }
}
