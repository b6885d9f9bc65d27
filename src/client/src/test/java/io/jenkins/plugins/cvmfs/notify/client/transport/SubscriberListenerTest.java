package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Listeners that are slow, throw, or close the subscriber; and the end. */
class SubscriberListenerTest extends SubscriberFixture {

    private static ScriptedServer.Script sending(String... messages) {
        return connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            for (String message : messages) {
                peer.send(message);
            }
            peer.awaitEnd();
        };
    }

    private SubscriberSettings webSocket() {
        return settings().withProtocol(SubscriberSettings.Protocol.WEBSOCKET);
    }

    /** Records an activity, then does what the test says. */
    private RecordingListener noting(Consumer<ActivityMessage> then) {
        return new RecordingListener() {
            @Override
            public void activity(ActivityMessage message) {
                super.activity(message);
                then.accept(message);
            }
        };
    }

    @Test
    void aSlowListenerGetsTheNewestOfEachRepository() throws Exception {
        List<String> messages = new ArrayList<>();
        for (int revision = 1; revision <= 50; revision++) {
            messages.add(activityText(ATLAS, revision));
            messages.add(activityText(CMS, 100 + revision));
        }
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.readSubscription();
            for (String message : messages) {
                peer.send(message);
            }
            peer.awaitEnd();
        });
        BlockingListener listener = new BlockingListener(recorded);
        NotificationSubscriber subscriber = subscriber(webSocket().withBacklog(4), listener);
        subscriber.subscribe(ATLAS);
        subscriber.subscribe(CMS);
        await().until(() -> subscriber.counts().conflated() == 96);

        listener.release();

        await().until(() ->
                recorded.lines().containsAll(List.of("atlas.cern.ch revision 50", "cms.cern.ch revision 150")));
        assertThat(recorded.lines())
                .containsSubsequence("atlas.cern.ch revision 1", "atlas.cern.ch revision 50")
                .containsSubsequence("cms.cern.ch revision 101", "cms.cern.ch revision 150");
        assertThat(subscriber.counts()).isEqualTo(new NotificationSubscriber.Counts(1, 4, 96, 0, 0));
    }

    @Test
    void waitingCallsAreDroppedWhenTheirRepositoryIsUnsubscribed() throws Exception {
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.readSubscription();
            peer.send(activityText(ATLAS, 1));
            peer.send(activityText(CMS, 2));
            peer.send("garbage");
            peer.awaitEnd();
        });
        BlockingListener listener = new BlockingListener(recorded);
        NotificationSubscriber subscriber = subscriber(webSocket(), listener);
        subscriber.subscribe(ATLAS);
        subscriber.subscribe(CMS);
        await().until(() -> subscriber.counts().warnings() == 1);
        subscriber.unsubscribe(ATLAS);

        listener.release();

        await().until(() -> recorded.lines().contains("cms.cern.ch revision 2"));
        assertThat(recorded.lines()).noneMatch(line -> line.contains("atlas"));
    }

    @Test
    void aListenerThatThrowsReceivesTheNextCall() throws Exception {
        serve(sending(activityText(ATLAS, 1), activityText(ATLAS, 2)));
        RecordingListener throwing = noting(message -> {
            throw new IllegalStateException("the test's listener throws");
        });

        subscriber(webSocket(), throwing).subscribe(ATLAS);

        await().until(() -> throwing.lines().contains("atlas.cern.ch revision 2"));
    }

    @Test
    void aListenerThatThrowsAnErrorReceivesTheNextCall() throws Exception {
        serve(sending(activityText(ATLAS, 1), activityText(ATLAS, 2)));
        RecordingListener throwing = noting(message -> {
            throw new AssertionError("the test's listener fails");
        });

        subscriber(webSocket(), throwing).subscribe(ATLAS);

        await().until(() -> throwing.lines().contains("atlas.cern.ch revision 2"));
    }

    @Test
    void theListenerMayCloseTheSubscriberAndGetsNoFurtherCall() throws Exception {
        serve(sending(activityText(ATLAS, 1), activityText(ATLAS, 2), activityText(ATLAS, 3)));
        NotificationSubscriber[] subscriber = new NotificationSubscriber[1];
        RecordingListener closing = noting(message -> subscriber[0].close());
        subscriber[0] = subscriber(webSocket(), closing);

        subscriber[0].subscribe(ATLAS);

        await().until(() -> server.connections().stream().anyMatch(ScriptedConnection::isEnded));
        subscriber[0].close();
        assertThat(closing.lines()).contains("atlas.cern.ch revision 1").doesNotContain("atlas.cern.ch revision 2");
    }

    @Test
    void closingInterruptsAListenerThatBlocksAndWaitsForIt() throws Exception {
        serve(sending(activityText(ATLAS, 1)));
        BlockingListener listener = new BlockingListener(recorded);
        NotificationSubscriber subscriber = subscriber(webSocket(), listener);
        subscriber.subscribe(ATLAS);
        await().until(listener::isReached);

        subscriber.close();

        assertThat(listener.wasInterrupted()).isTrue();
        assertThat(recorded.lines()).containsExactly("connected WEBSOCKET");
    }

    @Test
    void closingSendsACloseFrame() throws Exception {
        CountDownLatch leave = new CountDownLatch(1);
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            WebSocketPeer.Frame close = peer.read();
            assertThat(close.opcode()).isEqualTo(WebSocketPeer.CLOSE);
            assertThat(close.payload()).startsWith(1000 >> 8, 1000 & 0xFF);
            leave.countDown();
        });
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        get(subscriber.subscribe(ATLAS));

        subscriber.close();

        await().until(() -> leave.getCount() == 0);
        assertThat(recorded.lines()).doesNotContain("disconnected");
    }

    @Test
    void aServerThatDoesNotAnswerTheCloseFrameIsCutOff() throws Exception {
        serve(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            connection.awaitEnd();
        });
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        get(subscriber.subscribe(ATLAS));

        subscriber.close();
        timer.advance(Duration.ofSeconds(2));

        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void closingWhileConnectingEndsTheAttemptAndTheFutures() throws Exception {
        serve(ScriptedServer.SILENT);
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        CompletableFuture<Void> accepted = subscriber.subscribe(ATLAS);
        await().until(() -> server.connections().size() == 1);

        subscriber.close();
        subscriber.close();

        assertThatThrownBy(accepted::join).hasCauseInstanceOf(CancellationException.class);
        await().until(() -> server.connection(0).isEnded());
        assertThat(recorded.lines()).isEmpty();
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void closingDuringAPauseCancelsThePause() throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(404, "")));
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        subscriber.subscribe(ATLAS);
        await().until(() -> recorded.pauses().size() == 1
                && timer.delays().contains(recorded.pauses().get(0)));

        subscriber.close();

        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void aClosedSubscriberAcceptsNoSubscription() throws Exception {
        serve(ScriptedServer.SILENT);
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        subscriber.close();

        CompletableFuture<Void> accepted = subscriber.subscribe(ATLAS);

        assertThat(accepted).isCancelled();
        assertThat(server.connections()).isEmpty();
    }

    @Test
    void unsubscribingCancelsTheFutureOfAnUnansweredSubscription() throws Exception {
        serve(ScriptedServer.SILENT);
        NotificationSubscriber subscriber = subscriber(webSocket(), recorded);
        CompletableFuture<Void> accepted = subscriber.subscribe(ATLAS);

        subscriber.unsubscribe(ATLAS);

        assertThatThrownBy(accepted::join).hasCauseInstanceOf(CancellationException.class);
    }

    @Test
    void closingTheNetworkLeavesNoThreadAndNoConnection() throws Exception {
        serve(sending(activityText(ATLAS, 1)), ScriptedServer.answering(c -> {
            c.write(SseAnswer.HEAD);
            c.awaitEnd();
        }));
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Network network = Network.builder().build();
        get(network.subscriber(webSocket(), recorded).subscribe(ATLAS));
        SubscriberSettings eventStream = settings().withProtocol(SubscriberSettings.Protocol.EVENT_STREAM);
        get(network.subscriber(eventStream, recorded).subscribe(ATLAS));

        network.close();
        network.close();

        await().untilAsserted(() -> assertThat(clientThreadsBeside(before)).isEmpty());
        await().until(() -> server.connections().stream().allMatch(ScriptedConnection::isEnded));
    }

    private static Set<String> clientThreadsBeside(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith(Network.THREAD_PREFIX))
                .collect(Collectors.toSet());
    }
}
