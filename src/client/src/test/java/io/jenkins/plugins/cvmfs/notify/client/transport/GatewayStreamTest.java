package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Event streams as the repository gateway gives them: a body for each request, one repository, replays to everyone. */
class GatewayStreamTest extends SubscriberFixture {

    private static final Duration LONGEST_REFUSAL = Duration.ofSeconds(3);
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

    /** Refuses requests without a body, as the gateway does, and serves the others. */
    private static ScriptedServer.Script gateway(ScriptedServer.Script stream) {
        return connection -> {
            while (connection.readRequest()) {
                if (connection.request().contains("\"repository\"")) {
                    stream.serve(connection);
                    return;
                }
                connection.answer(400, "{\"status\":\"error\",\"reason\":\"invalid request body\"}");
            }
        };
    }

    private static void accept(ScriptedConnection connection) throws IOException {
        connection.write(SseAnswer.HEAD);
    }

    @Test
    void aServerThatWantsABodyGetsOne() throws Exception {
        serve(gateway(connection -> {
            assertThat(connection.target()).isEqualTo("/api/v1/notifications/subscribe");
            assertThat(connection.request()).endsWith("\r\n\r\n{\"version\":1,\"repository\":\"atlas.cern.ch\"}");
            accept(connection);
            SseAnswer.event(connection, activityText(ATLAS, 7));
            connection.awaitEnd();
        }));

        get(subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS));

        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
    }

    @Test
    void eachRepositoryHasItsOwnRequest() throws Exception {
        serve(gateway(connection -> {
            accept(connection);
            boolean isAtlas = connection.request().contains("atlas.cern.ch");
            SseAnswer.event(connection, isAtlas ? activityText(ATLAS, 7) : activityText(CMS, 3));
            connection.awaitEnd();
        }));
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.EVENT_STREAM);
        get(subscriber.subscribe(ATLAS));

        subscriber.subscribe(CMS);
        await().until(() -> timer.delays().contains(Duration.ofMillis(50)));
        timer.advance(Duration.ofMillis(50));

        await().untilAsserted(() -> assertThat(recorded.lines())
                .contains("atlas.cern.ch revision 7", "subscribed cms.cern.ch", "cms.cern.ch revision 3"));
        assertThat(subscriber.counts().activities()).isEqualTo(2);
        assertThat(subscriber.counts().connections()).isEqualTo(1);
    }

    @Test
    void aMessageRepeatedForAnotherClientIsDropped() throws Exception {
        serve(gateway(connection -> {
            accept(connection);
            SseAnswer.event(connection, activityText(ATLAS, 7));
            SseAnswer.event(connection, activityText(ATLAS, 7));
            SseAnswer.event(connection, activityText(ATLAS, 7));
            SseAnswer.event(connection, activityText(ATLAS, 8));
            connection.awaitEnd();
        }));
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.EVENT_STREAM);

        get(subscriber.subscribe(ATLAS));

        awaitRecorded(
                "connected EVENT_STREAM",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "atlas.cern.ch revision 8");
        assertThat(subscriber.counts().replays()).isEqualTo(2);
    }

    @Test
    void aServerThatSendsNothingBeforeTheFirstEventCountsAsConnectedAfterAWhile() throws Exception {
        CountDownLatch published = new CountDownLatch(1);
        serve(gateway(connection -> {
            published.await();
            accept(connection);
            SseAnswer.event(connection, activityText(ATLAS, 7));
            connection.awaitEnd();
        }));
        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);
        await().until(() -> timer.delays().contains(LONGEST_REFUSAL));

        timer.advance(LONGEST_REFUSAL);
        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch");
        published.countDown();

        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
    }

    @Test
    void aSilentStreamIsEndedAndRequestedAgain() throws Exception {
        serve(gateway(connection -> {
            accept(connection);
            SseAnswer.event(connection, activityText(ATLAS, 7));
            connection.awaitEnd();
        }));
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.EVENT_STREAM);
        get(subscriber.subscribe(ATLAS));
        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));

        timer.advance(LONGEST_SILENCE.multipliedBy(2));
        passPause();

        await().until(() -> subscriber.counts().replays() == 1);
        assertThat(recorded.causes()).hasSize(1);
        assertThat(recorded.causes().get(0)).hasMessageContaining("silent for 1800 s");
        assertThat(subscriber.counts().activities()).isEqualTo(1);
    }

    @Test
    void theGatewaysLastLineAfterTwoHoursIsNoEvent() throws Exception {
        serve(
                gateway(connection -> {
                    accept(connection);
                    SseAnswer.chunk(connection, "{\"status\":\"timeout\"}");
                    SseAnswer.end(connection);
                }),
                gateway(connection -> {
                    accept(connection);
                    SseAnswer.event(connection, activityText(ATLAS, 7));
                    connection.awaitEnd();
                }));
        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);

        passPause();

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(recorded.lines()).contains("disconnected").noneMatch(line -> line.startsWith("warning"));
    }

    @Test
    void aRepositoryUnsubscribedBeforeTheStyleIsKnownIsNotRequested() throws Exception {
        CountDownLatch unsubscribed = new CountDownLatch(1);
        serve(connection -> {
            connection.readRequest();
            unsubscribed.await();
            connection.answer(400, "");
            gateway(c -> {
                        accept(c);
                        c.awaitEnd();
                    })
                    .serve(connection);
        });
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.EVENT_STREAM);
        subscriber.subscribe(ATLAS);
        await().until(() -> server.requestLines().size() == 1);
        subscriber.unsubscribe(ATLAS);

        unsubscribed.countDown();

        awaitRecorded("connected EVENT_STREAM");
    }
}
