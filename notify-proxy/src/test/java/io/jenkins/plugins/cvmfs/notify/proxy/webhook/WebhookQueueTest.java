package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.ScriptedReceiver.BROKEN;
import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.ScriptedReceiver.OK;
import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.HandMovedThread;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookClient.Answer;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookQueue.Surroundings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookQueueTest {

    private final HandMovedThread thread = new HandMovedThread();
    private final ManualClock clock = new ManualClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ScriptedReceiver receiver = new ScriptedReceiver(thread);

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
    void aRollbackToWhatTheReceiverKnowsTakesThePlaceOfWhatItMayHaveGot() {
        announce("sw.example.org", 1);
        receiver.answer(OK);
        announce("sw.example.org", 2);
        receiver.answer(BROKEN);
        announce("sw.example.org", 1);
        receiver.accepts = true;
        thread.letPass(Duration.ofSeconds(2));

        assertThat(receiver.told).containsExactly("sw.example.org 1", "sw.example.org 2", "sw.example.org 1");
        assertThat(receiver.ids()).doesNotHaveDuplicates();
        assertThat(queue.status().queued()).isZero();
    }

    @Test
    void aRollbackHasOneIdInEveryProxyAndAfterRestarts() throws IOException {
        receiver.accepts = true;
        List<Announcement> announced = List.of(
                announcement("sw.example.org", 7),
                announcement("sw.example.org", 8, ManualClock.START.plusSeconds(1)),
                announcement("sw.example.org", 7, ManualClock.START.plusSeconds(2)));
        announced.forEach(this::announce);
        Path other = Files.createDirectory(folder.resolve("other"));
        queue = queue(other);
        announced.subList(0, 2).forEach(this::announce);
        queue.remove();
        queue = queue(other);
        announced.subList(1, 3).forEach(this::announce);

        assertThat(receiver.ids()).hasSize(6);
        assertThat(receiver.ids().subList(0, 3)).doesNotHaveDuplicates();
        assertThat(receiver.ids().subList(3, 6)).isEqualTo(receiver.ids().subList(0, 3));
        assertThat(receiver.eventIds()).hasSize(3);
    }

    @Test
    void whatIsAnnouncedAgainAfterARollbackIsToldAgain() {
        receiver.accepts = true;
        for (int i = 0; i < 5; i++) {
            announce(announcement("sw.example.org", 7 + i % 2, ManualClock.START.plusSeconds(i)));
            announce(announcement("sw.example.org", 7 + i % 2, ManualClock.START.plusSeconds(100 + i)));
        }

        assertThat(receiver.ids()).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void aRedirectIsAFailureThatSaysWhatToDo() {
        announce("sw.example.org", 1);
        receiver.answer(new Answer(302, Duration.ZERO));

        assertThat(queue.status().problem()).contains("302", "configure the new URL");
        assertThat(queue.status().failingSince()).isEqualTo(clock.instant());
    }

    private WebhookQueue queue() {
        return queue(folder);
    }

    private WebhookQueue queue(Path stateFolder) {
        return new WebhookQueue(
                Webhook.read(Webhooked.config(
                        URI.create("https://ci.example.org/hook"), Body.CLOUDEVENTS, Webhooked.secretFile(folder))),
                SettledMessages.open(Optional.of(stateFolder), "ci", clock.instant()),
                new WebhookMetrics(meters, "ci"),
                new Surroundings(
                        receiver, thread.executor(), thread::nanoTime, () -> 0L, clock, Webhooked.nothingReadable()));
    }

    private void announce(String repository, long revision) {
        announce(announcement(repository, revision));
    }

    private void announce(Announcement announcement) {
        queue.announced(announcement);
        thread.run();
    }

    private double count(String outcome) {
        return meters.get("cvmfs_notify_webhook_messages")
                .tag("outcome", outcome)
                .counter()
                .count();
    }
}
