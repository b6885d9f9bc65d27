package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The test's subscribers may have 1000 bytes unsent, which is three or four announcements. */
@ExtendWith(LeakGuard.class)
class SlowSubscriberTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10),
            Duration.ofSeconds(10),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final TestLog log = new TestLog(fanOut);
    private final TestSubscriber slow = new TestSubscriber(fanOut);

    @AfterEach
    void disconnect() {
        slow.disconnect();
    }

    @Test
    void whatDoesNotFitGivesWayToTheNewestOfEachRepository() {
        slow.subscribe(A);
        slow.subscribe(B);
        slow.stopReading();

        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
            log.deliver(B, revision);
        }
        slow.turn();
        slow.readAgain();

        List<String> received = slow.received();
        assertThat(received).hasSizeLessThan(10).contains(A + " 50", B + " 50").doesNotHaveDuplicates();
        assertThat(received).filteredOn(event -> event.startsWith(A)).isSortedAccordingTo(byRevision());
        assertThat(meters.get("cvmfs_notify_conflated")
                        .tag("where", "subscriber")
                        .counter()
                        .count())
                .isEqualTo(100 - received.size());
    }

    @Test
    void afterCatchingUpEverythingArrivesAgain() {
        slow.subscribe(A);
        slow.stopReading();
        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
        }
        slow.turn();
        slow.readAgain();
        slow.received();

        log.deliver(A, 51);
        log.deliver(A, 52);
        slow.turn();

        assertThat(slow.received()).containsExactly(A + " 51", A + " 52");
    }

    @Test
    void aReplayToASlowSubscriberWaitsToo() {
        log.deliver(B, 1);
        slow.subscribe(A);
        slow.stopReading();
        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
        }
        slow.turn();
        int unsent = slow.written();

        slow.subscribe(B);
        slow.subscribe(A);

        assertThat(slow.written()).isEqualTo(unsent);
        slow.readAgain();
        assertThat(slow.received()).endsWith(A + " 50", B + " 1").doesNotHaveDuplicates();
    }

    @Test
    void aSlowSubscriberThatDoesNotWaitGetsWhatIsHeldInPlaceOfWhatCameBefore() {
        TestSubscriber early = TestSubscriber.withoutWaiting(fanOut);
        early.subscribe(A);
        fallBehind(early, log, A);

        fanOut.hold(TestLog.announcement(A, 51, 51));
        early.turn();
        early.readAgain();

        assertThat(early.received()).endsWith(A + " 51");
        early.disconnect();
    }

    @Test
    void aSlowSubscriberDoesNotHoldUpOthers() {
        TestSubscriber quick = new TestSubscriber(fanOut);
        slow.subscribe(A);
        quick.subscribe(A);
        slow.stopReading();

        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
        }
        slow.turn();
        quick.turn();

        assertThat(quick.received()).hasSize(50);
    }

    @Test
    void aSubscriberThatNeverReadsIsReportedAsStalled() {
        slow.subscribe(A);
        slow.stopReading();
        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
        }
        slow.turn();

        slow.letTimePass(Duration.ofMillis(9_999));
        assertThat(slow.events).isEmpty();
        slow.letTimePass(Duration.ofMillis(1));

        assertThat(slow.events).containsExactly(SubscriberEvent.STALLED);
    }

    @Test
    void aSubscriberThatReadsInTimeIsNotStalled() {
        slow.subscribe(A);
        slow.stopReading();
        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(A, revision);
        }
        slow.turn();

        slow.letTimePass(Duration.ofSeconds(9));
        slow.readAgain();
        slow.letTimePass(Duration.ofSeconds(9));

        assertThat(slow.events).isEmpty();
    }

    @Test
    void oneSlowSubscriberTooManyForTheMemoryOfAllIsReportedAndTheOthersStay() {
        // Given room for one that is behind
        SimpleMeterRegistry own = new SimpleMeterRegistry();
        FanOut small = new FanOut(
                TestConfigs.repositories(10), Duration.ofSeconds(10), 1999, Redeliveries.off(), Clock.systemUTC(), own);
        TestLog itsLog = new TestLog(small);
        TestSubscriber first = new TestSubscriber(small);
        TestSubscriber second = new TestSubscriber(small);
        first.subscribe(A);
        second.subscribe(B);

        // When two fall behind, one after the other
        fallBehind(first, itsLog, A);
        fallBehind(second, itsLog, B);

        assertThat(first.events).isEmpty();
        assertThat(second.events).containsExactly(SubscriberEvent.NO_ROOM_TO_WAIT);
        assertThat(reserved(own)).isEqualTo(1000);

        // Then a subscriber that catches up or leaves makes room
        first.readAgain();
        assertThat(reserved(own)).isZero();
        fallBehind(first, itsLog, A);
        assertThat(reserved(own)).isEqualTo(1000);
        first.disconnect();
        second.disconnect();
        assertThat(reserved(own)).isZero();
    }

    private static void fallBehind(TestSubscriber subscriber, TestLog log, String repository) {
        subscriber.stopReading();
        for (int revision = 1; revision <= 50; revision++) {
            log.deliver(repository, revision);
        }
        subscriber.turn();
    }

    private static double reserved(SimpleMeterRegistry meters) {
        return meters.get("cvmfs_notify_backlog_reserved_bytes").gauge().value();
    }

    private static Comparator<String> byRevision() {
        return Comparator.comparingInt(event -> Integer.parseInt(event.substring(event.indexOf(' ') + 1)));
    }
}
