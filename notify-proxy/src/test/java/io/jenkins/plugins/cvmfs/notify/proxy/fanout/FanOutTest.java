package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut.Reservation;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class FanOutTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(4),
            Duration.ofSeconds(10),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final TestLog log = new TestLog(fanOut);
    private final TestSubscriber subscriber = new TestSubscriber(fanOut);

    @AfterEach
    void disconnect() {
        subscriber.disconnect();
    }

    @Test
    void aSubscriberGetsTheLastValueAndThenEverythingInOrder() {
        log.deliver(A, 1);
        log.deliver(A, 2);

        subscriber.subscribe(A);

        assertThat(subscriber.received()).containsExactly(A + " 2");
        log.deliver(A, 3);
        log.deliver(A, 4);
        subscriber.turn();
        assertThat(subscriber.received()).containsExactly(A + " 3", A + " 4");
    }

    /** Before, each subscriber that continues would get it again, for as long as it is the last value. */
    @Test
    void aLastValueThatCameAheadOfTheLogGetsItsPosition() {
        Announcement ahead = TestLog.announcement(A, 1, 7);
        fanOut.delivered(new Announcement(ahead.message(), new LogPosition("epoch1", 3, 1), ahead.announcedAt()));

        fanOut.located(ahead);

        assertThat(fanOut.lastValue(new RepositoryName(A)).orElseThrow().position())
                .hasToString("epoch1:7");
        log.deliver(A, 2);
        fanOut.located(ahead);
        assertThat(fanOut.lastValue(new RepositoryName(A)).orElseThrow().position())
                .hasToString("epoch1:1");
    }

    @Test
    void aSubscriberReceivesOnlyItsRepositories() {
        subscriber.subscribe(A);

        log.deliver(B, 1);
        log.deliver(A, 1);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1");
    }

    @Test
    void everySubscriberReceivesOnce() {
        TestSubscriber other = new TestSubscriber(fanOut);
        subscriber.subscribe(A);
        other.subscribe(A);

        log.deliver(A, 1);
        subscriber.turn();
        other.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1");
        assertThat(other.received()).containsExactly(A + " 1");
        assertThat(meters.get("cvmfs_notify_deliveries")
                        .tag("format", "unchunked_bare_event")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void subscribingAgainReplaysTheLastValueAndDoesNotDoubleWhatFollows() {
        subscriber.subscribe(A);
        log.deliver(A, 1);
        subscriber.turn();
        subscriber.received();

        subscriber.subscribe(A);
        log.deliver(A, 2);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1", A + " 2");
        assertThat(fanOut.subscribers(new RepositoryName(A))).isEqualTo(1);
    }

    @Test
    void whatIsAlreadyOnItsWayIsNotSentAgainAfterAReplay() {
        subscriber.subscribe(A);
        log.deliver(A, 1);

        subscriber.subscribe(A);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1");
    }

    @Test
    void anOlderHeldAnnouncementIsNotReleasedAfterANewerWasDelivered() {
        subscriber.subscribe(A);
        fanOut.hold(TestLog.announcement(A, 1, 1));
        Dispatch held = fanOut.waiting(new RepositoryName(A)).orElseThrow().newest();
        log.deliver(A, 2);

        fanOut.release(held);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 2");
        assertThat(fanOut.waiting(new RepositoryName(A))).isEmpty();
        assertThat(fanOut.lastValue(new RepositoryName(A)))
                .hasValueSatisfying(
                        last -> assertThat(last.message().revision()).isEqualTo(new Revision(2)));
    }

    @Test
    void whatWasForgottenIsNotReleasedEvenIfSomethingIsHeldAgain() {
        subscriber.subscribe(A);
        fanOut.hold(TestLog.announcement(A, 1, 1));
        Dispatch held = fanOut.waiting(new RepositoryName(A)).orElseThrow().newest();
        fanOut.forgotten(new RepositoryName(A));
        fanOut.hold(TestLog.announcement(A, 2, 2));

        fanOut.release(held);
        subscriber.turn();

        assertThat(subscriber.received()).isEmpty();
        assertThat(fanOut.newestValue(new RepositoryName(A)))
                .hasValueSatisfying(
                        newest -> assertThat(newest.message().revision()).isEqualTo(new Revision(2)));
    }

    @Test
    void aHeldAnnouncementCountsInTheMemoryOfLastValuesUntilItReplacesTheLast() {
        log.deliver(A, 1);
        double one = meters.get("cvmfs_notify_last_value_bytes").gauge().value();
        fanOut.hold(TestLog.announcement(A, 2, 2));
        assertThat(meters.get("cvmfs_notify_last_value_bytes").gauge().value()).isEqualTo(2 * one);

        fanOut.release(fanOut.waiting(new RepositoryName(A)).orElseThrow().newest());

        assertThat(meters.get("cvmfs_notify_last_value_bytes").gauge().value()).isEqualTo(one);
    }

    @Test
    void aRollBackIsForwardedBecauseItStandsLaterInTheLog() {
        subscriber.subscribe(A);

        log.deliver(A, 7);
        log.deliver(A, 5);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 7", A + " 5");
    }

    @Test
    void anIdenticalAnnouncementIsForwarded() {
        subscriber.subscribe(A);

        log.deliver(A, 7);
        log.deliver(A, 7);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 7", A + " 7");
    }

    @Test
    void aSubscriberThatHasTheLastValueReceivesOnlyWhatFollows() {
        log.deliver(A, 7);

        subscriber.subscribe(A, new ResumePoint.AfterRevision(new Revision(7)));

        assertThat(subscriber.received()).isEmpty();
        log.deliver(A, 8);
        subscriber.turn();
        assertThat(subscriber.received()).containsExactly(A + " 8");
    }

    @Test
    void aSubscriberThatHasLessIsGivenTheLastValue() {
        log.deliver(A, 7);

        subscriber.subscribe(A, new ResumePoint.AfterRevision(new Revision(6)));

        assertThat(subscriber.received()).containsExactly(A + " 7");
    }

    @Test
    void anAnnouncementOnItsWayBeforeTheSubscriptionIsNotSentTwice() {
        TestSubscriber other = new TestSubscriber(fanOut);
        other.subscribe(A);
        log.deliver(A, 1);

        other.subscribe(B);
        subscriber.subscribe(A);
        subscriber.turn();
        other.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1");
        assertThat(other.received()).containsExactly(A + " 1");
    }

    @Test
    void aClosedSubscriberReceivesNothingMoreAndIsForgotten() {
        subscriber.subscribe(A);
        subscriber.subscribe(B);
        log.deliver(A, 1);

        subscriber.close();
        subscriber.close();
        subscriber.turn();

        assertThat(subscriber.received()).isEmpty();
        assertThat(fanOut.subscribers(new RepositoryName(A))).isZero();
        assertThat(meters.get("cvmfs_notify_subscriptions").gauge().value()).isZero();
        assertThat(meters.get("cvmfs_notify_repositories").gauge().value())
                .as("only the repository with a last value is remembered")
                .isEqualTo(1);
    }

    @Test
    void aClosedSubscriberStaysClosed() {
        subscriber.close();

        subscriber.subscribe(A);

        assertThat(fanOut.subscribers(new RepositoryName(A))).isZero();
    }

    @Test
    void aConnectionHasOnlySoManySubscriptions() {
        subscriber.subscribe("r1");
        subscriber.subscribe("r2");
        subscriber.subscribe("r3");

        assertThat(subscriber.subscribe("r4")).isEqualTo(SubscribeResult.TOO_MANY_SUBSCRIPTIONS);
        assertThat(subscriber.subscribe("r3")).isEqualTo(SubscribeResult.SUBSCRIBED);
    }

    @Test
    void whatTheLogDeliversIsRememberedAndOtherNewNamesWaitForRoom() {
        subscriber.subscribe("r1");
        log.deliver("r2", 1);
        log.deliver("r3", 1);
        log.deliver("r4", 1);

        log.deliver("r5", 1);

        assertThat(fanOut.lastValue(new RepositoryName("r5"))).isPresent();
        assertThat(fanOut.hasRoomFor(new RepositoryName("r6"))).isFalse();
        assertThat(fanOut.hasRoomFor(new RepositoryName("r1"))).isTrue();
        assertThat(fanOut.reserve(new RepositoryName("r6"), 100)).isEqualTo(Reservation.TOO_MANY_REPOSITORIES);
        assertThat(subscriber.subscribe("r6")).isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);

        fanOut.forgotten(new RepositoryName("r5"));
        assertThat(subscriber.subscribe("r6")).as("four names again").isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);
        fanOut.forgotten(new RepositoryName("r4"));
        assertThat(subscriber.subscribe("r6")).isEqualTo(SubscribeResult.SUBSCRIBED);
    }

    @Test
    void aRepositoryThatNobodyNeedsMakesRoomForAnother() {
        subscriber.subscribe("r1");
        log.deliver("r2", 1);
        log.deliver("r3", 1);
        log.deliver("r4", 1);

        subscriber.close();

        assertThat(fanOut.hasRoomFor(new RepositoryName("r5"))).isTrue();
    }

    @Test
    void namesThatNobodyAnnouncesLeaveRoomForThoseThatAreAnnounced() {
        // Given subscribers that take all the names they are given, of four
        TestSubscriber other = new TestSubscriber(fanOut);
        Stream.of("1", "2", "3").forEach(name -> subscriber.subscribe(name + ".example.org"));

        assertThat(other.subscribe("4.example.org")).isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);
        assertThat(fanOut.hasRoomForSubscriber(
                        List.of(new RepositoryName("4.example.org")), name -> NameHolder.WITH_CREDENTIALS))
                .isFalse();
        assertThat(fanOut.hasRoomFor(new RepositoryName("4.example.org"))).isTrue();

        // When one of them is announced, another silent one fits
        log.deliver("1.example.org", 1);

        assertThat(other.subscribe("4.example.org")).isEqualTo(SubscribeResult.SUBSCRIBED);
        other.disconnect();
    }

    @Test
    void subscribersWithoutCredentialsHoldFarFewerNamesThanThereAre() {
        FanOut wide = fanOut(new RepositoryLimits(10_000, 1 << 20, 5, 3));
        TestSubscriber anonymous = new TestSubscriber(wide);

        long held = IntStream.range(0, 100)
                .mapToObj(i -> anonymous.subscribeAnonymously("r" + i, address(i)))
                .filter(result -> result == SubscribeResult.SUBSCRIBED)
                .count();
        long ofOneAddress = IntStream.range(0, 100)
                .filter(i -> wide.hasRoomForSubscriber(
                        List.of(new RepositoryName("s" + i)), name -> new NameHolder(address(0))))
                .count();

        assertThat(held).isEqualTo(5);
        assertThat(ofOneAddress).isZero();
        TestSubscriber known = new TestSubscriber(wide);
        assertThat(known.subscribe("with-credentials")).isEqualTo(SubscribeResult.SUBSCRIBED);
        assertThat(anonymous.subscribeAnonymously("with-credentials", address(7)))
                .as("a name that is there already")
                .isEqualTo(SubscribeResult.SUBSCRIBED);
        anonymous.disconnect();
        known.disconnect();
    }

    @Test
    void theNamesOfOneRequestAreCountedTogether() {
        FanOut wide = fanOut(new RepositoryLimits(10_000, 1 << 20, 5, 3));
        new TestLog(wide).deliver("announced", 1);
        TestSubscriber anonymous = new TestSubscriber(wide);
        anonymous.subscribeAnonymously("held", address(1));

        assertThat(hasRoom(wide, 1, "r1", "r2", "held", "announced")).isTrue();
        assertThat(hasRoom(wide, 1, "r1", "r2", "r3")).as("one address").isFalse();
        assertThat(hasRoom(wide, 2, "r1", "r2", "r3")).isTrue();

        anonymous.subscribeAnonymously("held2", address(3));
        anonymous.subscribeAnonymously("held3", address(4));
        assertThat(hasRoom(wide, 2, "r1", "r2")).isTrue();
        assertThat(hasRoom(wide, 2, "r1", "r2", "r3")).as("all addresses").isFalse();
        anonymous.disconnect();
    }

    private static boolean hasRoom(FanOut fanOut, int host, String... names) {
        return fanOut.hasRoomForSubscriber(
                Stream.of(names).map(RepositoryName::new).toList(), name -> new NameHolder(address(host)));
    }

    @Test
    void aNameIsPaidForUntilItIsAnnouncedOrNobodyWaitsForIt() {
        FanOut wide = fanOut(new RepositoryLimits(10_000, 1 << 20, 100, 2));
        TestSubscriber one = new TestSubscriber(wide);
        TestSubscriber other = new TestSubscriber(wide);
        one.subscribeAnonymously("r1", address(1));
        one.subscribeAnonymously("r2", address(1));
        assertThat(one.subscribeAnonymously("r3", address(1))).isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);
        assertThat(other.subscribeAnonymously("r3", address(2))).isEqualTo(SubscribeResult.SUBSCRIBED);

        new TestLog(wide).deliver("r1", 1);
        assertThat(one.subscribeAnonymously("r4", address(1))).isEqualTo(SubscribeResult.SUBSCRIBED);
        one.disconnect();
        one.close();

        assertThat(other.subscribeAnonymously("r5", address(1))).isEqualTo(SubscribeResult.SUBSCRIBED);
        assertThat(other.subscribeAnonymously("r6", address(1))).isEqualTo(SubscribeResult.SUBSCRIBED);
        assertThat(other.subscribeAnonymously("r7", address(1))).isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);
        assertThat(meters.get("cvmfs_notify_anonymous_names").gauge().value()).isEqualTo(3);
        other.disconnect();
    }

    @Test
    void lastValuesTakeOnlySoManyBytesAndAShorterOneAlwaysFits() {
        FanOut small = fanOut(new RepositoryLimits(10, 128 * 1024, 10, 10));
        assertThat(small.reserve(new RepositoryName("r1"), 100_000)).isEqualTo(Reservation.RESERVED);

        assertThat(small.reserve(new RepositoryName("r2"), 100_000)).isEqualTo(Reservation.TOO_MANY_BYTES);
        assertThat(small.hasRoomFor(new RepositoryName("r2"))).isTrue();
        new TestLog(small).deliver("r1", 1);
        small.release(new RepositoryName("r1"));

        assertThat(small.reserve(new RepositoryName("r2"), 100_000)).isEqualTo(Reservation.RESERVED);
        assertThat(small.reserve(new RepositoryName("r1"), 200)).isEqualTo(Reservation.RESERVED);
        assertThat(small.reserve(new RepositoryName("r3"), 100_000)).isEqualTo(Reservation.TOO_MANY_BYTES);
        small.release(new RepositoryName("r1"));
        small.release(new RepositoryName("r2"));

        int length = small.lastValues().get(0).message().raw().length;
        assertThat(meters.get("cvmfs_notify_last_value_bytes").gauge().value()).isEqualTo(length);
        assertThat(meters.get("cvmfs_notify_repositories").gauge().value())
                .as("what was never delivered is not remembered")
                .isEqualTo(1);
    }

    @Test
    void aForgottenRepositoryMakesRoomForAnotherAndItsSubscribersStay() {
        log.deliver("r1", 1);
        log.deliver("r2", 1);
        subscriber.subscribe("r2");

        fanOut.forgotten(new RepositoryName("r1"));
        fanOut.forgotten(new RepositoryName("r2"));
        fanOut.forgotten(new RepositoryName("r3"));

        assertThat(fanOut.lastValues()).isEmpty();
        assertThat(meters.get("cvmfs_notify_repositories").gauge().value()).isEqualTo(1);
        assertThat(meters.get("cvmfs_notify_last_value_bytes").gauge().value()).isZero();
        subscriber.received();
        log.deliver("r2", 2);
        subscriber.turn();
        assertThat(subscriber.received()).containsExactly("r2 2");
    }

    private FanOut fanOut(RepositoryLimits limits) {
        meters.clear();
        return new FanOut(
                limits, Duration.ofSeconds(10), Long.MAX_VALUE, Redeliveries.off(), Clock.systemUTC(), meters);
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void lastValuesAreOrderedByName() {
        log.deliver(B, 1);
        log.deliver(A, 1);
        log.deliver(B, 2);

        assertThat(fanOut.lastValues())
                .extracting(last -> last.message().toString())
                .containsExactly(A + " revision 1", B + " revision 2");
    }
}
