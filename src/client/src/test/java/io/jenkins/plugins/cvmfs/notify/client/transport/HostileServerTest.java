package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activity;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.activityText;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Servers that send damaged bytes on one connection after the other: each costs that connection and nothing more. */
class HostileServerTest extends SubscriberFixture {

    private static final int INPUTS = 100;

    /** What is done with one damaged input, on a connection of its own. */
    @FunctionalInterface
    private interface Hostility {
        void play(ScriptedConnection connection, byte[] damaged) throws IOException;
    }

    /** Plays each input on one connection, then the last script on all others. */
    private void serve(List<byte[]> inputs, Hostility hostility, ScriptedServer.Script last) throws IOException {
        List<ScriptedServer.Script> scripts = new ArrayList<>();
        inputs.forEach(damaged -> scripts.add(connection -> hostility.play(connection, damaged)));
        scripts.add(last);
        serve(scripts.toArray(ScriptedServer.Script[]::new));
    }

    private void awaitNewsAfterDamage(SubscriberSettings.Protocol protocol) {
        subscriber(protocol).subscribe(ATLAS);
        for (int i = 0; i < Mutations.times(INPUTS); i++) {
            passPause();
        }

        await().untilAsserted(() -> assertThat(recorded.lines()).contains(ATLAS + " revision 4711"));
        assertThat(recorded.causes())
                .allSatisfy(cause -> assertThat(cause.getMessage()).matches("(?s).{1,1000}"));
    }

    @Test
    void anyFramesCostOneConnection() throws IOException {
        ByteArrayOutputStream good = new ByteArrayOutputStream();
        good.writeBytes(WebSocketPeer.frame(
                0x80 | WebSocketPeer.BINARY, activity(ATLAS, 7).raw()));
        good.writeBytes(WebSocketPeer.frame(0x80 | WebSocketPeer.PING, "x".getBytes(UTF_8)));
        good.writeBytes(WebSocketPeer.frame(WebSocketPeer.TEXT, "{".getBytes(UTF_8)));
        good.writeBytes(WebSocketPeer.frame(0x80 | WebSocketPeer.CONTINUATION, "}".getBytes(UTF_8)));
        serve(
                Mutations.of(good.toByteArray(), INPUTS, 11),
                (connection, damaged) -> {
                    WebSocketPeer.accept(connection);
                    connection.write(damaged);
                },
                connection -> {
                    WebSocketPeer peer = WebSocketPeer.accept(connection);
                    peer.send(activityText(ATLAS, 4711));
                    peer.awaitEnd();
                });

        awaitNewsAfterDamage(SubscriberSettings.Protocol.WEBSOCKET);
    }

    @Test
    void anyEventsCostOneConnection() throws IOException {
        byte[] good =
                ("data: " + activityText(ATLAS, 7) + "\nid: e:1\n\n: comment\n\ndata: {\ndata: }\n\n").getBytes(UTF_8);
        serve(
                Mutations.of(good, INPUTS, 12),
                (connection, damaged) -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
                    connection.write(damaged);
                },
                connection -> {
                    connection.readRequest();
                    connection.write(SseAnswer.HEAD);
                    SseAnswer.event(connection, activityText(ATLAS, 4711));
                    connection.awaitEnd();
                });

        awaitNewsAfterDamage(SubscriberSettings.Protocol.EVENT_STREAM);
    }

    @Test
    void anyAnswerToAPublishIsAReceiptOrAFailureOfThisLibrary() throws IOException {
        byte[] good =
                ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRetry-After: 5\r\nContent-Length: 15\r\n\r\n"
                                + ServerReply.PUBLISHED)
                        .getBytes(ISO_8859_1);
        int receipts = 0;
        for (byte[] damaged : Mutations.of(good, INPUTS, 13)) {
            serve(connection -> {
                connection.readRequest();
                connection.write(damaged);
            });
            CompletableFuture<NotificationPublisher.Receipt> published =
                    publisher().publish(activity(ATLAS, 7));
            // Pauses between attempts pass at once.
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                timer.advance(Duration.ofSeconds(1));
                return published.isDone();
            });
            Throwable failure = published.handle((receipt, e) -> e).join();
            assertThat(failure == null
                            || failure instanceof NotifyException
                            || failure.getCause() instanceof NotifyException)
                    .as("what came of %s", new String(damaged, ISO_8859_1))
                    .isTrue();
            receipts += failure == null ? 1 : 0;
            server.close();
        }
        assertThat(receipts).as("both outcomes occur").isBetween(1, Mutations.times(INPUTS) - 1);
    }

    private NotificationPublisher publisher() {
        NotificationServer target =
                NotificationServer.parse(server.url("/api/v1").toString());
        return new HttpPublisher(
                new HttpSender(HttpClient.newHttpClient(), "test"),
                timer,
                new Retrier(timer),
                PublisherSettings.of(target));
    }
}
