package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.CMS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams as notify-proxy sends them: repositories in the query, ids, comments. */
class EventStreamSubscriberTest extends SubscriberFixture {

    private static final Duration GATHERING = Duration.ofMillis(50);

    /** Accepts, then does what the test says, then holds the stream open. */
    private static ScriptedServer.Script stream(ScriptedServer.Script events) {
        return connection -> {
            connection.readRequest();
            connection.write(SseAnswer.HEAD);
            events.serve(connection);
            connection.awaitEnd();
        };
    }

    private static final ScriptedServer.Script QUIET = stream(connection -> {});

    private NotificationSubscriber subscribe() {
        NotificationSubscriber subscriber = subscriber(SubscriberSettings.Protocol.EVENT_STREAM);
        get(subscriber.subscribe(ATLAS));
        return subscriber;
    }

    private void passGathering() {
        await().until(() -> timer.delays().contains(GATHERING));
        timer.advance(GATHERING);
    }

    private NotifyException cause() {
        await().until(() -> !recorded.causes().isEmpty());
        return recorded.causes().get(0);
    }

    @Test
    void anActivityReachesTheListener() throws Exception {
        serve(stream(c -> SseAnswer.event(c, activityText(ATLAS, 7), "e1:5")));

        subscribe();

        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch", "atlas.cern.ch revision 7");
        assertThat(server.requestLines())
                .containsExactly("GET /api/v1/notifications/subscribe?repository=atlas.cern.ch HTTP/1.1");
        assertThat(server.connection(0).header("Accept")).isEqualTo("text/event-stream");
        assertThat(server.connection(0).header("Last-Event-ID")).isEmpty();
    }

    @Test
    void anAnswerCutAfterEachByteIsReadTheSame() throws Exception {
        byte[] chunk = ("data: " + activityText(ATLAS, 7) + "\r\nid: e1:5\r\n\r\n").getBytes(UTF_8);
        serve(stream(connection -> {
            byte[] framed = "%x\r\n%s\r\n"
                    .formatted(chunk.length, new String(chunk, UTF_8))
                    .getBytes(UTF_8);
            for (byte next : framed) {
                connection.write(new byte[] {next});
            }
            SseAnswer.event(connection, activityText(ATLAS, 8));
        }));

        subscribe();

        awaitRecorded(
                "connected EVENT_STREAM",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "atlas.cern.ch revision 8");
    }

    @Test
    void manyRepositoriesShareAFewRequests() throws Exception {
        serve(QUIET);
        NotificationSubscriber subscriber = subscribe();
        List<RepositoryName> more = IntStream.range(0, 150)
                .mapToObj(i -> new RepositoryName("r%d.cern.ch".formatted(i)))
                .toList();

        more.forEach(subscriber::subscribe);
        passGathering();

        await().until(() -> recorded.lines().stream().distinct().count() == 152);
        assertThat(server.requestLines().stream().skip(1).map(line -> line.split("repository=", -1).length - 1))
                .containsExactlyInAnyOrder(64, 64, 23);
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void aLostStreamIsResumedWhereItEnded() throws Exception {
        serve(
                connection -> {
                    connection.readRequest();
                    connection.write(SseAnswer.HEAD);
                    SseAnswer.event(connection, activityText(ATLAS, 7), "e1:5");
                    SseAnswer.end(connection);
                },
                stream(c -> SseAnswer.event(c, activityText(ATLAS, 8), "e1:6")));
        subscribe();

        passPause();

        awaitRecorded(
                "connected EVENT_STREAM",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 7",
                "disconnected",
                "connected EVENT_STREAM",
                "subscribed atlas.cern.ch",
                "atlas.cern.ch revision 8");
        assertThat(server.connections().get(server.connections().size() - 1).header("Last-Event-ID"))
                .isEqualTo("e1:5");
        assertThat(cause())
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining("ended the event stream");
    }

    @Test
    void aRepositorySubscribedAgainDuringAPauseStartsAtItsLastValue() throws Exception {
        serve(
                connection -> {
                    connection.readRequest();
                    connection.write(SseAnswer.HEAD);
                    SseAnswer.event(connection, activityText(ATLAS, 7), "e1:5");
                    SseAnswer.end(connection);
                },
                QUIET);
        NotificationSubscriber subscriber = subscribe();
        await().until(() -> recorded.lines().contains("disconnected"));
        subscriber.unsubscribe(ATLAS);
        subscriber.subscribe(ATLAS);

        passPause();

        await().until(() -> subscriber.counts().connections() == 2);
        assertThat(server.connections().get(server.connections().size() - 1).header("Last-Event-ID"))
                .isEmpty();
    }

    @Test
    void aResumedStreamWithoutEventsKeepsItsLastEventId() throws Exception {
        serve(
                stream(c -> {
                    SseAnswer.event(c, activityText(ATLAS, 7), "e1:5");
                    c.reset();
                }),
                stream(ScriptedConnection::reset),
                QUIET);
        NotificationSubscriber subscriber = subscribe();
        passPause();

        passPause();

        await().until(() -> subscriber.counts().connections() == 3);
        assertThat(server.connection(2).header("Last-Event-ID")).isEqualTo("e1:5");
    }

    @Test
    void aRepositoryAddedToAStreamStartsAtItsLastValueAndTheOthersAreNotRepeated() throws Exception {
        serve(stream(c -> SseAnswer.event(c, activityText(ATLAS, 7), "e1:5")), stream(c -> {
            SseAnswer.event(c, activityText(ATLAS, 7), "e1:5");
            SseAnswer.event(c, activityText(CMS, 3), "e1:2");
        }));
        NotificationSubscriber subscriber = subscribe();
        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));

        subscriber.subscribe(CMS);
        passGathering();

        await().until(() -> recorded.lines().contains("cms.cern.ch revision 3"));
        assertThat(server.connection(1).header("Last-Event-ID")).isEmpty();
        assertThat(subscriber.counts()).isEqualTo(new NotificationSubscriber.Counts(1, 2, 0, 1, 0));
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void aFurtherStreamThatIsNeverAnsweredEndsTheConnection() throws Exception {
        serve(QUIET, ScriptedServer.SILENT, QUIET);
        NotificationSubscriber subscriber = subscribe();
        subscriber.subscribe(CMS);
        passGathering();
        await().until(() -> server.connections().size() == 2);

        timer.advance(Duration.ofSeconds(20));

        assertThat(cause()).hasMessageContaining("not answer the request for an event stream within 20 s");
        passPause();
        await().until(() -> recorded.lines().contains("subscribed cms.cern.ch"));
    }

    @Test
    void aStreamWithoutASubscriptionIsEnded() throws Exception {
        serve(QUIET);
        NotificationSubscriber subscriber = subscribe();

        subscriber.unsubscribe(ATLAS);

        await().until(() -> server.connection(0).isEnded());
        awaitRecorded("connected EVENT_STREAM", "subscribed atlas.cern.ch");
    }

    @Test
    void missingCommentsShowThatTheServerVanished() throws Exception {
        serve(stream(c -> SseAnswer.chunk(c, ":\n\n")), QUIET);
        subscribe();
        await().until(() -> timer.delays().contains(Duration.ofSeconds(90)));

        timer.advance(Duration.ofMinutes(3));

        assertThat(cause()).hasMessageContaining("silent for 90 s");
        await().until(() -> server.connection(0).isEnded());
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void thePauseThatTheServerAsksForIsUsed(int status) throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(status, "", "Retry-After: 17")));

        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);

        assertThat(cause()).isInstanceOf(ServerBusyException.class).hasMessageContaining("(" + status + ")");
        assertThat(recorded.pauses()).containsExactly(Duration.ofSeconds(17));
    }

    @Test
    void aRedirectIsRefused() throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(307, "", "Location: http://elsewhere.example.org/")));

        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);

        assertThat(cause()).isInstanceOf(PermanentFailureException.class).hasMessageContaining("elsewhere.example.org");
        assertThat(server.requestLines()).hasSize(1);
    }

    @Test
    void invalidCredentialsAreReported() throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(401, "", "WWW-Authenticate: Bearer")));

        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);

        assertThat(cause()).isInstanceOf(RefusedException.class);
    }

    @Test
    void anAnswerThatIsNoEventStreamIsReportedAsSuch() throws Exception {
        serve(ScriptedServer.answering(c -> c.answer(200, "<html>Welcome</html>", "Content-Type: text/html")));

        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);

        assertThat(cause()).isInstanceOf(PermanentFailureException.class).hasMessageContaining("not an event stream");
    }

    @Test
    void anEventThatIsTooLongEndsTheConnection() throws Exception {
        serve(stream(c -> SseAnswer.event(c, "x".repeat(ActivityMessage.MAX_BYTES + 1025))));

        subscribe();

        assertThat(cause()).isInstanceOf(InvalidInputException.class).hasMessageContaining("an event of more than");
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void garbageBetweenEventsIsSkippedOrAWarning() throws Exception {
        serve(stream(connection -> {
            SseAnswer.chunk(connection, "event: x\nretry: 5\ngarbage\n\ndata\n\n");
            SseAnswer.event(connection, "garbage");
            SseAnswer.event(connection, activityText(ATLAS, 7));
        }));

        NotificationSubscriber subscriber = subscribe();

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(subscriber.counts().warnings()).isEqualTo(2);
    }

    @Test
    void aServerThatNeverAnswersIsDisconnectedAfterAWhile() throws IOException {
        serve(ScriptedServer.SILENT);
        subscriber(SubscriberSettings.Protocol.EVENT_STREAM).subscribe(ATLAS);
        await().until(() -> !server.connections().isEmpty());

        timer.advance(Duration.ofSeconds(20));

        assertThat(cause()).isInstanceOf(TransientFailureException.class).hasMessageContaining("within 20 s");
        await().until(() -> server.connection(0).isEnded());
    }
}
