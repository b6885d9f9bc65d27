package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class RedeliveryTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final Duration DELAY = Duration.ofSeconds(10);
    private static final Duration JUST_BEFORE = DELAY.minusMillis(1);
    private static final Duration LIFETIME = Duration.ofSeconds(65);

    private SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final EmbeddedChannel timer = new EmbeddedChannel();
    private final List<TestSubscriber> subscribers = new ArrayList<>();

    /** The proxy began to listen at the time at which {@link TestLog} announces. */
    private FanOut fanOut = fanOut(1_000, TestLog.NOW);

    private TestLog log = new TestLog(fanOut);

    RedeliveryTest() {
        timer.freezeTime();
    }

    private FanOut fanOut(int addresses, Instant start) {
        meters = new SimpleMeterRegistry();
        return new FanOut(
                TestConfigs.repositories(),
                Duration.ofMinutes(5),
                Long.MAX_VALUE,
                new Redelivery(
                        new DeliveryConfig(DELAY, LIFETIME, List.of(), List.of()),
                        timer.eventLoop(),
                        addresses,
                        meters),
                Clock.fixed(start, ZoneOffset.UTC),
                meters);
    }

    @AfterEach
    void disconnect() {
        subscribers.forEach(TestSubscriber::disconnect);
        timer.finishAndReleaseAll();
    }

    @Test
    void aFirstSubscriberGetsTheLastValueAtOnceAndAfterAReconnectLater() {
        log.deliver(A, 1);
        TestSubscriber first = client(1);
        assertThat(first.received()).containsExactly(A + " 1");
        first.close();

        TestSubscriber again = client(1);

        again.letTimePass(JUST_BEFORE);
        assertThat(again.received()).isEmpty();
        again.letTimePass(Duration.ofMillis(1));
        assertThat(again.received()).containsExactly(A + " 1");
        again.letTimePass(Duration.ofHours(1));
        assertThat(again.received()).isEmpty();
        assertThat(count("cvmfs_notify_replays_delayed")).isEqualTo(1);
    }

    @Test
    void whatWasAnnouncedWhileItWasConnectedCountsAsReceived() {
        TestSubscriber first = client(1);
        log.deliver(A, 1);
        first.turn();
        assertThat(first.received()).containsExactly(A + " 1");
        first.close();

        assertThat(client(1).received()).isEmpty();
    }

    @Test
    void anotherAddressAnotherRepositoryAndAnotherValueComeAtOnce() {
        log.deliver(A, 1);
        log.deliver(B, 1);
        client(1).close();

        assertThat(client(2).received()).containsExactly(A + " 1");
        assertThat(client(1, B).received()).containsExactly(B + " 1");
        log.deliver(A, 2);
        assertThat(client(1).received()).containsExactly(A + " 2");
    }

    @Test
    void aNewAnnouncementOvertakesTheLastValueThatWaits() {
        log.deliver(A, 1);
        client(1).close();
        TestSubscriber again = client(1);

        log.deliver(A, 2);
        again.turn();

        assertThat(again.received()).containsExactly(A + " 2");
        again.letTimePass(DELAY);
        assertThat(again.received()).isEmpty();
    }

    @Test
    void oneOfAThousandClientsBehindAnAddressThatReconnectsForEverHoldsUpNoOther() {
        log.deliver(A, 1);
        TestSubscriber first = client(1);
        List<TestSubscriber> others =
                IntStream.range(0, 1_000).mapToObj(i -> client(1)).toList();

        for (int i = 0; i < 10; i++) {
            client(1).close();
            others.forEach(other -> other.letTimePass(Duration.ofSeconds(1)));
        }

        assertThat(first.received()).containsExactly(A + " 1");
        assertThat(others).allSatisfy(other -> assertThat(other.received()).containsExactly(A + " 1"));
    }

    @Test
    void aClientThatDoesNotWaitGetsWhatIsHeldAfterTheDelay() {
        client(1);
        fanOut.hold(TestLog.announcement(A, 1, 1));
        TestSubscriber stillHeld = earlyClient(1);
        stillHeld.letTimePass(DELAY);
        TestSubscriber released = earlyClient(1);

        fanOut.release(fanOut.waiting(new RepositoryName(A)).orElseThrow().newest());
        released.letTimePass(DELAY);

        assertThat(stillHeld.received()).containsExactly(A + " 1");
        assertThat(released.received()).containsExactly(A + " 1");
    }

    @Test
    void aForgottenRepositoryIsNotReplayed() {
        log.deliver(A, 1);
        client(1).close();
        TestSubscriber again = client(1);

        fanOut.forgotten(new RepositoryName(A));
        again.letTimePass(DELAY);

        assertThat(again.received()).isEmpty();
    }

    @Test
    void aClientThatLeavesBeforeItsReplayIsSentNothing() {
        log.deliver(A, 1);
        client(1).close();
        TestSubscriber again = client(1);

        again.close();
        again.letTimePass(DELAY);

        assertThat(again.received()).isEmpty();
    }

    @Test
    void otherKindsOfSubscribersNeverWait() {
        log.deliver(A, 1);
        plain().close();

        assertThat(plain().received()).containsExactly(A + " 1");
    }

    @Test
    void theAddressUnusedForLongestIsForgottenAndItsNextSubscriberCountsAsTheFirst() {
        fanOut = fanOut(2, TestLog.NOW);
        log = new TestLog(fanOut);
        log.deliver(A, 1);
        client(1).close();
        client(2).close();
        client(3).close();

        assertThat(client(3).received()).isEmpty();
        assertThat(client(2).received()).isEmpty();
        assertThat(client(1).received()).containsExactly(A + " 1");
        assertThat(count("cvmfs_notify_known_addresses_forgotten")).isEqualTo(2);
        assertThat(meters.get("cvmfs_notify_known_addresses").gauge().value()).isEqualTo(2);
    }

    @Test
    void anAnnouncementIsRepeatedOnceAfterTheCacheLifetimeForCvmfsClientsOnly() {
        TestSubscriber cvmfs = client(1);
        TestSubscriber other = plain();
        log.deliver(A, 1);
        cvmfs.turn();
        other.turn();
        TestSubscriber later = client(2);
        List.of(cvmfs, other, later).forEach(TestSubscriber::received);

        letTimePass(LIFETIME.minusMillis(1));
        assertThat(cvmfs.received()).isEmpty();
        letTimePass(Duration.ofMillis(1));

        assertThat(cvmfs.received()).containsExactly(A + " 1");
        assertThat(later.received()).containsExactly(A + " 1");
        assertThat(other.received()).isEmpty();
        assertThat(count("cvmfs_notify_repeats")).isEqualTo(2);
        letTimePass(LIFETIME.multipliedBy(3));
        assertThat(cvmfs.received()).isEmpty();
    }

    @Test
    void aNewerAnnouncementIsRepeatedInsteadOfTheOlder() {
        TestSubscriber cvmfs = client(1);
        log.deliver(A, 1);
        letTimePass(Duration.ofSeconds(60));
        log.deliver(A, 2);
        cvmfs.turn();
        assertThat(cvmfs.received()).containsExactly(A + " 1", A + " 2");

        letTimePass(Duration.ofSeconds(64));
        assertThat(cvmfs.received()).isEmpty();
        letTimePass(Duration.ofSeconds(1));

        assertThat(cvmfs.received()).containsExactly(A + " 2");
    }

    @Test
    void aRepetitionNeverPushesAsideWhatWaits() {
        DispatchQueue queue =
                new DispatchQueue(timer.eventLoop(), new FanOutMetrics(new SimpleMeterRegistry(), Map.of(), List.of()));
        Audience audience = new Audience(new RepositoryName(A), queue);
        Dispatch older = dispatch(1);
        Dispatch newer = dispatch(2);

        queue.offer(audience, newer);
        queue.offer(audience, older.again());

        assertThat(audience.waiting()).containsExactly(newer);
    }

    private static Dispatch dispatch(long sequence) {
        return Dispatch.begin(
                sequence, TestLog.announcement(A, sequence, sequence), 1, Clock.systemUTC(), Instant.EPOCH);
    }

    @Test
    void aSlowClientGetsARepetitionOnceItReadsAndNotTwiceWhatItHasNotReadYet() {
        TestSubscriber slow = client(1);
        log.deliver(A, 1);
        slow.turn();
        slow.received();
        slow.stopReading();
        IntStream.rangeClosed(2, 30).forEach(revision -> log.deliver(A, revision));
        slow.turn();

        letTimePass(LIFETIME);
        slow.readAgain();

        List<String> received = slow.received();
        assertThat(received).endsWith(A + " 30").doesNotHaveDuplicates();
    }

    @Test
    void nothingIsRepeatedForAForgottenRepository() {
        TestSubscriber cvmfs = client(1);
        log.deliver(A, 1);
        cvmfs.turn();
        cvmfs.received();

        fanOut.forgotten(new RepositoryName(A));
        letTimePass(LIFETIME);

        assertThat(cvmfs.received()).isEmpty();
    }

    @Test
    void afterARestartTheRestOfTheLifetimeCounts() {
        fanOut = fanOut(1_000, TestLog.NOW.plusSeconds(20));
        log = new TestLog(fanOut);
        log.deliver(A, 1);
        TestSubscriber cvmfs = client(1);
        assertThat(cvmfs.received()).containsExactly(A + " 1");

        letTimePass(Duration.ofSeconds(44));
        assertThat(cvmfs.received()).isEmpty();
        letTimePass(Duration.ofSeconds(1));

        assertThat(cvmfs.received()).containsExactly(A + " 1");
    }

    @Test
    void whatIsOlderThanTheLifetimeIsNotRepeatedAfterARestart() {
        fanOut = fanOut(1_000, TestLog.NOW.plusSeconds(65));
        log = new TestLog(fanOut);
        log.deliver(A, 1);
        TestSubscriber cvmfs = client(1);
        cvmfs.received();

        letTimePass(Duration.ofHours(1));

        assertThat(cvmfs.received()).isEmpty();
    }

    @Test
    void aRepetitionIsNoMeasureOfTheTimeOfDelivery() {
        TestSubscriber cvmfs = client(1);
        log.deliver(A, 1);
        cvmfs.turn();
        long deliveries = meters.get("cvmfs_notify_delivery").timer().count();

        letTimePass(LIFETIME);

        assertThat(meters.get("cvmfs_notify_delivery").timer().count()).isEqualTo(deliveries);
        assertThat(fanOut.recent(0))
                .singleElement()
                .satisfies(dispatch -> assertThat(dispatch.written()).isEqualTo(1));
    }

    private TestSubscriber client(int address) {
        return client(address, A);
    }

    /** As a CVMFS client connects. */
    private TestSubscriber client(int address, String repository) {
        return subscribed(
                new DeliveryTerms(WireFormat.UNCHUNKED_BARE_EVENT, address(address), true, false), repository);
    }

    private TestSubscriber earlyClient(int address) {
        return subscribed(new DeliveryTerms(WireFormat.UNCHUNKED_BARE_EVENT, address(address), true, true), A);
    }

    private TestSubscriber plain() {
        return subscribed(DeliveryTerms.plain(WireFormat.UNCHUNKED_BARE_EVENT), A);
    }

    private TestSubscriber subscribed(DeliveryTerms terms, String repository) {
        TestSubscriber subscriber = new TestSubscriber(fanOut, terms);
        subscribers.add(subscriber);
        subscriber.subscribe(repository);
        return subscriber;
    }

    private void letTimePass(Duration time) {
        timer.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        timer.runPendingTasks();
        subscribers.forEach(subscriber -> subscriber.letTimePass(time));
    }

    private double count(String counter) {
        return meters.get(counter).counter().count();
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
