package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an onlooker sees of announcements; the log of these tests accepts everything at noon. */
@ExtendWith(LeakGuard.class)
class DispatchTest {

    private static final String A = "a.example.org";
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private FanOut fanOut = at(NOON);
    private TestLog log = new TestLog(fanOut);
    private TestSubscriber subscriber = new TestSubscriber(fanOut);

    @AfterEach
    void disconnect() {
        subscriber.disconnect();
    }

    private FanOut at(Instant now) {
        return new FanOut(
                TestConfigs.repositories(10),
                Duration.ofSeconds(10),
                Long.MAX_VALUE,
                Redeliveries.off(),
                Clock.fixed(now, ZoneOffset.UTC),
                meters);
    }

    @Test
    void itKnowsHowManyItWasForAndHowManyHaveIt() {
        subscriber.subscribe(A);
        TestSubscriber slow = new TestSubscriber(fanOut);
        slow.subscribe(A);
        slow.stopReading();
        for (int revision = 1; revision <= 10; revision++) {
            log.deliver(A, revision);
        }

        Dispatch last = fanOut.recent(9).get(0);
        assertThat(last.propagation()).isEmpty();
        subscriber.turn();
        slow.turn();

        assertThat(last.announcement().message().revision()).hasToString("10");
        assertThat(last.audience()).isEqualTo(2);
        assertThat(last.written()).isEqualTo(1);
        assertThat(last.propagation()).isPresent();
        assertThat(gauge("cvmfs_notify_subscribers_behind")).isEqualTo(1);
        assertThat(gauge("cvmfs_notify_backlog_announcements")).isEqualTo(1);
        slow.disconnect();
        slow.close();
        assertThat(gauge("cvmfs_notify_subscribers_behind")).isZero();
        assertThat(gauge("cvmfs_notify_backlog_announcements")).isZero();
    }

    @Test
    void timesAreMeasuredFromTheAcceptanceByWhateverProxy() {
        fanOut = new FanOut(
                TestConfigs.repositories(10),
                Duration.ofSeconds(10),
                Long.MAX_VALUE,
                Redeliveries.off(),
                new SteppingClock(NOON, Duration.ofSeconds(2)),
                meters);
        log = new TestLog(fanOut);
        subscriber = new TestSubscriber(fanOut);
        subscriber.subscribe(A);

        log.deliver(A, 1);
        subscriber.turn();

        assertThat(fanOut.recent(0)).singleElement().satisfies(dispatch -> {
            assertThat(dispatch.logDelay()).isEqualTo(Duration.ofSeconds(2));
            assertThat(dispatch.propagation())
                    .hasValueSatisfying(time -> assertThat(time).isGreaterThan(Duration.ofSeconds(2)));
        });
        assertThat(meters.get("cvmfs_notify_log_delay").timer().totalTime(TimeUnit.SECONDS))
                .isEqualTo(2);
        assertThat(meters.get("cvmfs_notify_propagation").timer().max(TimeUnit.SECONDS))
                .isGreaterThan(2);
        assertThat(meters.get("cvmfs_notify_delivery").timer().count()).isEqualTo(1);
    }

    @Test
    void aClockThatIsBehindTheOtherProxysMakesNoNegativeTimes() {
        fanOut = at(NOON.minusSeconds(60));

        new TestLog(fanOut).deliver(A, 1);

        assertThat(fanOut.recent(0).get(0).logDelay()).isZero();
    }

    @Test
    void whatTheLogOnlyRemembersIsNoNewsAndHasNoTimes() {
        fanOut = at(NOON.plusSeconds(1));

        new TestLog(fanOut).deliver(A, 7);

        assertThat(fanOut.recent(0)).isEmpty();
        assertThat(fanOut.repositories()).singleElement().satisfies(state -> {
            assertThat(state.last()).isPresent();
            assertThat(state.announcements()).isZero();
        });
        assertThat(meters.get("cvmfs_notify_log_delay").timer().count()).isZero();
    }

    @Test
    void aRepositoryThatIsOnlyWaitedForHasAStateToo() {
        subscriber.subscribe(A);

        assertThat(fanOut.repositories()).singleElement().satisfies(state -> {
            assertThat(state.repository()).hasToString(A);
            assertThat(state.subscribers()).isEqualTo(1);
            assertThat(state.last()).isEmpty();
        });
    }

    @Test
    void onlyTheNewestHundredAreRemembered() {
        for (int revision = 1; revision <= FanOut.RecentDispatches.CAPACITY + 5; revision++) {
            log.deliver(A, revision);
        }

        assertThat(fanOut.recent(0)).hasSize(FanOut.RecentDispatches.CAPACITY);
        assertThat(fanOut.recent(FanOut.RecentDispatches.CAPACITY + 3))
                .extracting(
                        dispatch -> dispatch.announcement().message().revision().toString())
                .containsExactly("104", "105");
        assertThat(fanOut.repositories().get(0).announcedLastHour()).isEqualTo(FanOut.RecentDispatches.CAPACITY + 5);
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    /** Later at each look, but for the first. */
    private static final class SteppingClock extends Clock {
        private final Duration step;
        private Instant next;

        SteppingClock(Instant first, Duration step) {
            this.next = first;
            this.step = step;
        }

        @Override
        public Instant instant() {
            Instant now = next;
            next = now.plus(step);
            return now;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }
    }
}
