package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPublisherTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ActivityMessage MESSAGE = Samples.activity(Samples.ATLAS, 7);
    private static final ScriptedServer.Script ACCEPTING =
            ScriptedServer.answering(c -> c.answer(200, ServerReply.PUBLISHED));

    private final ManualTimer timer = new ManualTimer();
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private ScriptedServer server;

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
            assertThat(server.failures()).isEmpty();
        }
    }

    private NotificationPublisher publisherTo(ScriptedServer.Script... scripts) throws IOException {
        return publisher(TokenSource.NONE, Duration.ofSeconds(60), scripts);
    }

    private NotificationPublisher publisher(TokenSource token, Duration limit, ScriptedServer.Script... scripts)
            throws IOException {
        server = ScriptedServer.start(scripts);
        return publisher(PublisherSettings.of(
                        NotificationServer.parse(server.url("/api/v1").toString()))
                .withToken(token)
                .withTimeLimit(limit));
    }

    private NotificationPublisher publisher(PublisherSettings settings) {
        return new HttpPublisher(
                new HttpSender(HTTP, "test"),
                timer,
                new Retrier(timer),
                settings.withRetries((attempt, reason, pause) -> pauses.add(pause)));
    }

    private static ScriptedServer.Script always(int status, String body, String... headers) {
        return ScriptedServer.answering(c -> c.answer(status, body, headers));
    }

    /** Until so many attempts have failed and only the pause before the next one waits; the limit of an attempt is an alarm too. */
    private Duration awaitPause(int failures) {
        await().until(() -> pauses.size() == failures);
        Duration pause = pauses.get(failures - 1);
        assertThat(timer.delays()).containsExactly(pause);
        assertThat(server.requestLines()).hasSize(failures);
        return pause;
    }

    @Test
    void theMessageIsPostedByteForByte() throws IOException {
        NotificationPublisher publisher = publisherTo(ACCEPTING);

        NotificationPublisher.Receipt receipt = get(publisher.publish(MESSAGE));

        assertThat(receipt).isEqualTo(new NotificationPublisher.Receipt(server.url("/api/v1/publish"), 1));
        assertThat(server.connection(0).request())
                .startsWith("POST /api/v1/publish HTTP/1.1\r\n")
                .endsWith("\r\n\r\n" + Samples.activityText(Samples.ATLAS, 7));
        assertThat(server.connection(0).header("Authorization")).isEmpty();
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void theGatewaysPathIsFoundAndRemembered() throws IOException {
        NotificationPublisher publisher = publisherTo(ScriptedServer.answering(c -> c.answer(
                c.target().equals("/api/v1/notifications/publish") ? 200 : 404,
                c.target().equals("/api/v1/notifications/publish") ? ServerReply.PUBLISHED : "404 page not found\n")));

        NotificationPublisher.Receipt first = get(publisher.publish(MESSAGE));
        get(publisher.publish(MESSAGE));

        assertThat(first.server()).isEqualTo(server.url("/api/v1/notifications/publish"));
        assertThat(server.requestLines())
                .containsExactly(
                        "POST /api/v1/publish HTTP/1.1",
                        "POST /api/v1/notifications/publish HTTP/1.1",
                        "POST /api/v1/notifications/publish HTTP/1.1");
    }

    @Test
    void aServerWithNeitherPathIsReportedAsNoNotificationServer() throws IOException {
        NotificationPublisher publisher = publisherTo(always(404, ""));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("no notification service")
                .hasMessageContaining("/api/v1/publish")
                .hasMessageContaining("/api/v1/notifications/publish");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void aBusyServerIsRetried(int status) throws IOException {
        NotificationPublisher publisher = publisherTo(ScriptedServer.answering(c -> {
            if (c.requests().size() == 1) {
                c.answer(status, "");
            } else {
                c.answer(200, ServerReply.PUBLISHED);
            }
        }));
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);

        timer.advance(awaitPause(1));

        assertThat(get(receipt).attempts()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "Retry-After: 7, 7",
        "'Retry-After: Thu, 26 Nov 2026 21:13:24 GMT', 9",
        "Retry-After: 3600, 30",
        "Retry-After: 999999999, 30"
    })
    void retryAfterExtendsAPauseUpToALimit(String header, int seconds) throws IOException {
        NotificationPublisher publisher = publisherTo(always(503, "", header));
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);

        assertThat(awaitPause(1)).isEqualTo(Duration.ofSeconds(seconds));
        receipt.cancel(true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Retry-After: soon", "Retry-After: -5", "Retry-After: Thu, 26 Nov 2020 21:13:24 GMT", "X: y"})
    void withAnUnreadableRetryAfterThePauseIsShort(String header) throws IOException {
        NotificationPublisher publisher = publisherTo(always(503, "", header));
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);

        assertThat(awaitPause(1)).isBetween(Duration.ofMillis(250), Duration.ofMillis(500));
        receipt.cancel(true);
    }

    @Test
    void aLostConnectionIsRetried() throws IOException {
        NotificationPublisher publisher = publisherTo(
                connection -> {
                    connection.readRequest();
                    connection.reset();
                },
                ACCEPTING);
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);

        timer.advance(awaitPause(1));

        assertThat(get(receipt).attempts()).isEqualTo(2);
    }

    @Test
    void anUnreachableServerIsATransientFailure() throws IOException {
        // Nothing listens on the port, and nothing else can while it is bound.
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String address = "127.0.0.1:" + bound.getLocalPort();
            NotificationPublisher publisher =
                    publisher(PublisherSettings.of(NotificationServer.parse("http://" + address + "/api/v1"))
                            .withTimeLimit(Duration.ZERO));

            assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                    .isInstanceOf(TransientFailureException.class)
                    .hasMessageContaining(address)
                    .hasMessageContaining("cannot connect: connection refused");
        }
    }

    @Test
    void aTimeLimitOfZeroMeansOneAttempt() throws IOException {
        NotificationPublisher publisher = publisher(TokenSource.NONE, Duration.ZERO, always(503, ""));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining("(503)");
        assertThat(server.requestLines()).hasSize(1);
    }

    @Test
    void aServerThatNeverAnswersIsRetriedAfter30Seconds() throws IOException {
        NotificationPublisher publisher = publisherTo(
                connection -> {
                    connection.readRequest();
                    connection.awaitEnd();
                },
                ACCEPTING);
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);
        await().until(() -> server.requestLines().size() == 1);

        timer.advance(Duration.ofSeconds(31));

        assertThat(get(receipt).attempts()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413, 422})
    void aWrongMessageIsReportedWithTheServersReason(int status) throws IOException {
        NotificationPublisher publisher = publisherTo(always(status, ServerReply.INVALID_MESSAGE));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("(%d): invalid_message".formatted(status));
        assertThat(server.requestLines()).hasSize(1);
    }

    @Test
    void theExplanationForPeopleIsPreferredAndMadeSafeToShow() throws IOException {
        NotificationPublisher publisher = publisherTo(always(
                400,
                ServerReply.INVALID_MESSAGE,
                "X-Cvmfs-Notify-Detail: field 'manifest': is\tnot base64" + "!".repeat(1000)));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .hasMessageContaining("field 'manifest': is not base64!!!")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }

    @ParameterizedTest
    @CsvSource({"401, asks for valid credentials", "403, does not allow this", "407, HTTP proxy asks for credentials"})
    void missingRightsAreReported(int status, String problem) throws IOException {
        NotificationPublisher publisher = publisherTo(always(status, ""));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirectsAreRefused(int status) throws IOException {
        NotificationPublisher publisher = publisherTo(always(status, "", "Location: https://elsewhere.example.org/"));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("redirects to host 'elsewhere.example.org'");
        assertThat(server.requestLines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<html>Sign in to the guest network</html>", "{\"status\":\"error\",\"reason\":\"full\"}"})
    void anAnswerThatOnlyLooksLikeASuccessIsAFailure(String body) throws IOException {
        NotificationPublisher publisher = publisherTo(always(200, body));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("not as a notification service does");
    }

    @Test
    void theTokenIsSentAndNeverShown() throws IOException {
        NotificationPublisher publisher = publisher(TokenSource.of("s3cret"), Duration.ZERO, always(403, ""));

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .satisfies(e -> assertThat(e).hasStackTraceContaining("403"))
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("s3cret"));
        assertThat(server.connection(0).header("Authorization")).isEqualTo("Bearer s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s3cret\r\nX: y", "s3cret token", "s3crét"})
    void aTokenThatAHeaderCannotCarryIsRefusedAndNotShown(String token) throws IOException {
        NotificationPublisher publisher = publisher(TokenSource.of(token), Duration.ofSeconds(60), ACCEPTING);

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("s3cr"));
        assertThat(server.connections()).isEmpty();
    }

    private static String stackTrace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void aTokenSourceThatFailsFailsThePublish() throws IOException {
        NotificationPublisher publisher = publisher(
                () -> {
                    throw new IllegalStateException("vault sealed");
                },
                Duration.ofSeconds(60),
                ACCEPTING);

        assertThatThrownBy(() -> get(publisher.publish(MESSAGE)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("cannot get the token");
    }

    @Test
    void theTokenIsReadAtEachAttempt() throws IOException {
        String[] tokens = {"first", "second"};
        int[] asked = {0};
        NotificationPublisher publisher =
                publisher(() -> Optional.of(tokens[asked[0]++]), Duration.ofSeconds(60), always(503, ""), ACCEPTING);
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);

        timer.advance(awaitPause(1));
        await().until(() -> server.requestLines().size() == 2);
        receipt.cancel(true);

        assertThat(server.connections().stream()
                        .flatMap(c -> c.requests().stream())
                        .toList())
                .satisfiesExactly(
                        first -> assertThat(first).contains("Bearer first"),
                        second -> assertThat(second).contains("Bearer second"));
    }

    @Test
    void cancellingEndsRetries() throws IOException {
        NotificationPublisher publisher = publisherTo(always(503, ""));
        CompletableFuture<NotificationPublisher.Receipt> receipt = publisher.publish(MESSAGE);
        awaitPause(1);

        receipt.cancel(true);

        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void aClientThatFollowsRedirectsIsRefused() throws IOException {
        server = ScriptedServer.start(ACCEPTING);
        HttpClient follows = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();

        assertThatThrownBy(() -> Network.builder().httpClient(follows).build())
                .isInstanceOf(NotifyException.class)
                .hasMessageContaining("follows redirects");
    }
}
