package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log decides which last values there are; the fan-out refers to the same messages, and to no others. */
@ExtendWith(LeakGuard.class)
class LastValueAgreementTest {

    private static final RepositoryLimits LIMITS = new RepositoryLimits(4, 128 * 1024, 4, 4);
    private static final int NAMES = 8;
    private static final int STEPS = 400;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LogRecorder log = LogRecorder.open(
            Optional.empty(), LIMITS, 10, Duration.ofSeconds(20), new PendingAcks(Duration.ofSeconds(20)), meters);
    private final FanOut fanOut =
            new FanOut(LIMITS, Duration.ofSeconds(10), Long.MAX_VALUE, Redeliveries.off(), Clock.systemUTC(), meters);
    private final List<TestSubscriber> subscribers = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-23T12:00:00Z");

    @AfterEach
    void close() {
        disconnectAll();
        log.close();
    }

    private void disconnectAll() {
        subscribers.forEach(subscriber -> {
            subscriber.close();
            subscriber.disconnect();
        });
        subscribers.clear();
    }

    private static String name(int number) {
        return "r" + number + ".example.org";
    }

    private void announce(int number, int padding) throws InterruptedException {
        now = now.plusMillis(1);
        ActivityMessage message = Activities.message(name(number), 1, padding);
        log.put(new IncomingMessage(message, UUID.randomUUID(), now, Way.QUEUE));
    }

    private void subscribe(int number) {
        TestSubscriber subscriber = new TestSubscriber(fanOut);
        subscriber.subscribe(name(number));
        subscribers.add(subscriber);
    }

    private void assertAgreement(String after) {
        List<ActivityMessage> logged = log.lastValues().all().stream()
                .map(entry -> entry.announcement().message())
                .toList();
        assertThat(fanOut.lastValues())
                .as(after)
                .extracting(Announcement::message)
                .usingElementComparator((one, other) -> one == other ? 0 : 1)
                .containsExactlyInAnyOrderElementsOf(logged);
    }

    @Test
    void namesThatSubscribersHoldNeverKeepAnAnnouncedRepositoryOut() throws InterruptedException {
        log.start(fanOut);
        IntStream.range(0, 3).forEach(this::subscribe);

        for (int number = 4; number < NAMES; number++) {
            announce(number, 0);
        }

        assertAgreement("four announcements beside three names");
        assertThat(fanOut.hasRoomFor(new RepositoryName("one-more.example.org")))
                .isFalse();
        disconnectAll();
        assertThat(fanOut.repositories()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void afterEveryEventBothHaveTheSameMessages(long seed) throws InterruptedException {
        Random random = new Random(seed);
        log.start(fanOut);
        for (int step = 0; step < STEPS; step++) {
            int number = random.nextInt(NAMES);
            int event = random.nextInt(7);
            Forgotten order = new Forgotten(new RepositoryName(name(number)), now.plusMillis(random.nextInt(3) - 1));
            switch (event) {
                case 0, 1 -> announce(number, random.nextInt(60_000));
                case 2 -> log.forget(order);
                case 3 -> log.outlive(order);
                case 4 -> subscribe(number);
                case 5 -> disconnectAll();
                default -> {
                    fanOut.reserve(order.repository(), random.nextInt(60_000));
                    announce(number, 0);
                }
            }
            assertAgreement("seed " + seed + " step " + step + " event " + event);
        }
    }
}
