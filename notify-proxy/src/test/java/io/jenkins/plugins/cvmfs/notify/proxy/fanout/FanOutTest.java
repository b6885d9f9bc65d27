package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class FanOutTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(4, Duration.ofSeconds(10), Long.MAX_VALUE, Clock.systemUTC(), meters);
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

    @Test
    void aSubscriberHearsOnlyOfItsRepositories() {
        subscriber.subscribe(A);

        log.deliver(B, 1);
        log.deliver(A, 1);
        subscriber.turn();

        assertThat(subscriber.received()).containsExactly(A + " 1");
    }

    @Test
    void everySubscriberHearsOnce() {
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
    void aSubscriberThatHasTheLastValueIsNotGivenItButHearsWhatFollows() {
        log.deliver(A, 7);

        subscriber.subscribe(A, new Resume.AfterRevision(new Revision(7)));

        assertThat(subscriber.received()).isEmpty();
        log.deliver(A, 8);
        subscriber.turn();
        assertThat(subscriber.received()).containsExactly(A + " 8");
    }

    @Test
    void aSubscriberThatHasLessIsGivenTheLastValue() {
        log.deliver(A, 7);

        subscriber.subscribe(A, new Resume.AfterRevision(new Revision(6)));

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
    void aClosedSubscriberHearsNothingMoreAndIsForgotten() {
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
    void newRepositoriesOverTheLimitAreNeitherSubscribedToNorRemembered() {
        subscriber.subscribe("r1");
        log.deliver("r2", 1);
        log.deliver("r3", 1);
        log.deliver("r4", 1);

        log.deliver("r5", 1);

        assertThat(fanOut.lastValue(new RepositoryName("r5"))).isEmpty();
        assertThat(fanOut.hasRoomFor(new RepositoryName("r5"))).isFalse();
        assertThat(fanOut.hasRoomFor(new RepositoryName("r1"))).isTrue();
        assertThat(subscriber.subscribe("r5")).isEqualTo(SubscribeResult.TOO_MANY_REPOSITORIES);
        assertThat(meters.get("cvmfs_notify_announcements_unremembered")
                        .counter()
                        .count())
                .isEqualTo(1);
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
        assertThat(fanOut.hasRoomForSubscriber(new RepositoryName("4.example.org")))
                .isFalse();
        assertThat(fanOut.hasRoomFor(new RepositoryName("4.example.org"))).isTrue();

        // When one of them is announced, another silent one fits
        log.deliver("1.example.org", 1);

        assertThat(other.subscribe("4.example.org")).isEqualTo(SubscribeResult.SUBSCRIBED);
        other.disconnect();
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
