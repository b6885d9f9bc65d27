package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.HandMovedThread;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookClient.Answer;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookQueue.Surroundings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookQueueTest {

    private static final Answer OK = new Answer(204, Duration.ZERO);
    private static final Answer BROKEN = new Answer(500, Duration.ZERO);

    private final HandMovedThread thread = new HandMovedThread();
    private final ManualClock clock = new ManualClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Receiver receiver = new Receiver();

    @TempDir
    Path folder;

    private WebhookQueue queue;

    @BeforeEach
    void open() {
        queue = queue();
    }

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void anAnnouncementIsToldOnce() {
        announce("sw.example.org", 1);
        receiver.answer(OK);
        announce("sw.example.org", 1);

        assertThat(receiver.told).containsExactly("sw.example.org 1");
        assertThat(queue.status().queued()).isZero();
        assertThat(queue.status().lastDelivered()).isEqualTo(clock.instant());
    }

    @Test
    void whatFailsIsRepeatedAfterPausesThatGrowWithTheSameIdAndBody() {
        announce("sw.example.org", 1);
        List<Duration> times = new ArrayList<>();
        for (int attempt = 0; attempt < 6; attempt++) {
            times.add(thread.passed());
            receiver.fail(new ConnectException("refused"));
            int tried = receiver.messages.size();
            while (receiver.messages.size() == tried) {
                thread.letPass(Duration.ofMillis(100));
            }
        }
        receiver.answer(OK);

        // The random number is 0, so a pause is the lower half of its range: 0.5 s, 1 s, 2 s, …
        assertThat(times)
                .containsExactly(
                        Duration.ZERO,
                        Duration.ofMillis(500),
                        Duration.ofMillis(1500),
                        Duration.ofMillis(3500),
                        Duration.ofMillis(7500),
                        Duration.ofMillis(15_500));
        assertThat(receiver.messages)
                .extracting(message -> message.headers().get("webhook-id"))
                .hasSize(7)
                .containsOnly(receiver.messages.get(0).headers().get("webhook-id"));
        assertThat(receiver.messages)
                .extracting(Message::body)
                .containsOnly(receiver.messages.get(0).body());
        assertThat(count("failed")).isEqualTo(6);
        assertThat(count("delivered")).isEqualTo(1);
    }

    @Test
    void aReceiverThatIsDownSeesOneAttemptAMinuteHoweverManyRepositoriesWait() {
        for (int i = 0; i < 200; i++) {
            announce("r%d.example.org".formatted(i), 1);
        }
        receiver.isDown = true;
        receiver.fail(new ConnectException("refused"));
        thread.letPass(Duration.ofMinutes(10));
        int before = receiver.messages.size();
        thread.letPass(Duration.ofMinutes(10));

        assertThat(receiver.messages.size() - before).isBetween(10, 21);
        assertThat(queue.status().queued()).isEqualTo(200);
        receiver.isDown = false;
        receiver.accepts = true;
        thread.letPass(Duration.ofMinutes(6));
        assertThat(queue.status().queued()).isZero();
        assertThat(count("delivered")).isEqualTo(200);
    }

    @Test
    void aMessageThatFailsDoesNotKeepOthersFromAReceiverThatAcceptsThem() {
        receiver.refused = "bad.example.org";
        receiver.accepts = true;
        announce("bad.example.org", 1);
        for (int i = 0; i < 20; i++) {
            announce("r%d.example.org".formatted(i), 1);
        }
        thread.letPass(Duration.ofSeconds(30));

        assertThat(count("delivered")).isEqualTo(20);
        assertThat(queue.status().queued()).isEqualTo(1);
        assertThat(count("failed")).isLessThan(10);
    }

    @Test
    void theNewestAnnouncementOfARepositoryTakesThePlaceOfThoseThatWait() {
        announce("sw.example.org", 1);
        announce("sw.example.org", 2);
        announce("sw.example.org", 3);
        receiver.answer(OK);
        thread.run();
        receiver.answer(OK);
        thread.run();

        assertThat(receiver.told).containsExactly("sw.example.org 1", "sw.example.org 3");
        assertThat(count("replaced")).isEqualTo(2);
        assertThat(queue.status().queued()).isZero();
    }

    @Test
    void retryAfterIsRespectedUpToAnHour() {
        announce("sw.example.org", 1);
        receiver.answer(new Answer(429, Duration.ofMinutes(10)));
        thread.letPass(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(receiver.messages).hasSize(1);

        thread.letPass(Duration.ofSeconds(2));
        assertThat(receiver.messages).hasSize(2);
        receiver.answer(new Answer(503, Duration.ofDays(365)));
        thread.letPass(Duration.ofMinutes(61));
        assertThat(receiver.messages).hasSize(3);
    }

    @Test
    void aReceiverThatIsGoneIsSentNothingUntilAReload() {
        announce("sw.example.org", 1);
        announce("data.example.org", 1);
        receiver.answer(new Answer(410, Duration.ZERO));
        announce("sw.example.org", 2);
        thread.letPass(Duration.ofHours(2));

        assertThat(receiver.messages).hasSize(2);
        assertThat(queue.status().isGone()).isTrue();
        assertThat(queue.status().queued()).isZero();

        queue.configure(queue.status().webhook());
        announce("sw.example.org", 2);
        assertThat(receiver.told).endsWith("sw.example.org 2");
        assertThat(queue.status().isGone()).isFalse();
    }

    @Test
    void itIsGivenUpAfterTheConfiguredTimeAndThenNotOwedAnyMore() {
        announce("sw.example.org", 1);
        receiver.isDown = true;
        receiver.fail(new ConnectException("refused"));
        thread.letPass(Duration.ofMinutes(59));
        assertThat(queue.status().queued()).isEqualTo(1);
        thread.letPass(Duration.ofMinutes(7));

        assertThat(queue.status().queued()).isZero();
        assertThat(count("given_up")).isEqualTo(1);
        announce("sw.example.org", 1);
        assertThat(queue.status().queued()).isZero();
        announce("sw.example.org", 2);
        assertThat(queue.status().queued()).isEqualTo(1);
    }

    @Test
    void whatWasUnderWayAtAKillIsOwedAfterTheRestart() {
        announce("sw.example.org", 1);
        receiver.answer(OK);
        announce("sw.example.org", 2);
        assertThat(receiver.told).endsWith("sw.example.org 2");

        queue.remove();
        queue = queue();
        announce("sw.example.org", 2);
        assertThat(receiver.told).containsExactly("sw.example.org 1", "sw.example.org 2", "sw.example.org 2");
    }

    @Test
    void aRollbackToWhatTheReceiverKnowsTakesBackWhatItDoesNotKnow() {
        announce("sw.example.org", 1);
        receiver.answer(OK);
        announce("sw.example.org", 2);
        receiver.answer(BROKEN);
        announce("sw.example.org", 1);

        assertThat(queue.status().queued()).isZero();
    }

    @Test
    void aRedirectIsAFailureThatSaysWhatToDo() {
        announce("sw.example.org", 1);
        receiver.answer(new Answer(302, Duration.ZERO));

        assertThat(queue.status().problem()).contains("302", "configure the new URL");
        assertThat(queue.status().failingSince()).isEqualTo(clock.instant());
    }

    private WebhookQueue queue() {
        return new WebhookQueue(
                Webhook.read(Webhooked.config(
                        URI.create("https://ci.example.org/hook"), Body.CLOUDEVENTS, Webhooked.secretFile(folder))),
                SettledMessages.open(Optional.of(folder), "ci", clock.instant()),
                new WebhookMetrics(meters, "ci"),
                new Surroundings(receiver, thread.executor(), thread::nanoTime, () -> 0L, clock));
    }

    private void announce(String repository, long revision) {
        queue.announced(announcement(repository, revision));
        thread.run();
    }

    private double count(String outcome) {
        return meters.get("cvmfs_notify_webhook_messages")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    /** Answers when the test says so, the oldest first; or at once. */
    private final class Receiver implements WebhookClient {

        private final List<Message> messages = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private final List<CompletableFuture<Answer>> open = new ArrayList<>();
        private boolean isDown;
        private boolean accepts;
        private String refused = "";

        @Override
        public CompletableFuture<Answer> send(Message message) {
            messages.add(message);
            String what = describe(message);
            told.add(what);
            if (isDown) {
                return CompletableFuture.failedFuture(new ConnectException("refused"));
            }
            if (accepts) {
                return CompletableFuture.completedFuture(!refused.isEmpty() && what.startsWith(refused) ? BROKEN : OK);
            }
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            open.add(answer);
            return answer;
        }

        private static String describe(Message message) {
            try {
                var data = new JsonMapper().readTree(message.body()).path("data");
                return data.path("repository").asText() + " "
                        + data.path("revision").asInt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void answer(Answer answer) {
            open.remove(0).complete(answer);
            thread.run();
        }

        /** All that are under way. */
        void fail(Exception failure) {
            List<CompletableFuture<Answer>> failing = List.copyOf(open);
            open.clear();
            failing.forEach(it -> it.completeExceptionally(failure));
            thread.run();
        }

        @Override
        public void close() {}
    }
}
