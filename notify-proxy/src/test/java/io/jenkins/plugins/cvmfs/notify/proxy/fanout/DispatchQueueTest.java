package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCounted;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many subscribers on one event loop that the test turns by hand. Here they share one channel too; how much each wrote is known. */
@ExtendWith(LeakGuard.class)
class DispatchQueueTest {

    private static final String CROWDED = "crowded.example.org";
    private static final String QUIET = "quiet.example.org";
    private static final int CROWD = 3 * DispatchQueue.SLICE;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10),
            Duration.ofSeconds(10),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final TestLog log = new TestLog(fanOut);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void releaseWhatWasWritten() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aLongListIsServedInSlicesAndAnotherRepositoryGetsItsTurnBetween() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        Subscriber quiet = subscribers(1, QUIET).get(0);
        log.deliver(CROWDED, 1);
        log.deliver(QUIET, 1);

        channel.runPendingTasks();

        assertThat(quiet.written()).isEqualTo(1);
        assertThat(written(crowd)).isPositive().isLessThan(CROWD);
        finish();
        assertThat(crowd).allMatch(subscriber -> subscriber.written() == 1);
    }

    @Test
    void theNextAnnouncementOfARepositoryWaitsUntilAllHaveTheOneBefore() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        log.deliver(CROWDED, 2);

        finish();

        assertThat(crowd).allMatch(subscriber -> subscriber.written() == 2);
        List<String> order = TestSubscriber.received(channel);
        assertThat(order.subList(0, CROWD)).containsOnly(CROWDED + " 1");
        assertThat(order.subList(CROWD, 2 * CROWD)).containsOnly(CROWDED + " 2");
    }

    @Test
    void aSubscriberThatLeavesMeanwhileTakesNothingFromTheOthers() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        channel.runPendingTasks();

        List<Subscriber> leaving = every(3, crowd);
        leaving.forEach(Subscriber::close);
        finish();

        assertThat(crowd).filteredOn(one -> !leaving.contains(one)).allMatch(one -> one.written() == 1);
        assertThat(leaving).allMatch(one -> one.written() <= 1);
    }

    @Test
    void aSubscriberThatJoinsMeanwhileGetsItOnce() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        channel.runPendingTasks();

        List<Subscriber> late = subscribers(CROWD, CROWDED);
        finish();

        assertThat(crowd).allMatch(subscriber -> subscriber.written() == 1);
        assertThat(late).allMatch(subscriber -> subscriber.written() == 1);
    }

    @Test
    void whenAllLeaveTheRestIsForgotten() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        log.deliver(CROWDED, 2);
        channel.runPendingTasks();
        int before = written(crowd);

        crowd.forEach(Subscriber::close);
        finish();

        assertThat(written(crowd)).isEqualTo(before);
        assertThat(fanOut.subscribers(new RepositoryName(CROWDED))).isZero();
    }

    @Test
    void whenAllLeaveTheFrameIsReleasedAtOnceForTheLoopMayNotTurnAgain() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        channel.runPendingTasks();
        ByteBuf oneWrite = channel.readOutbound();
        ReferenceCounted frame = shared(oneWrite);
        channel.releaseOutbound();
        assertThat(frame.refCnt()).as("one write and the sweep").isEqualTo(2);

        crowd.forEach(Subscriber::close);

        assertThat(frame.refCnt()).isEqualTo(1);
        oneWrite.release();
    }

    @Test
    void aLoopThatFallsBehindKeepsABoundedQueueAndTheNewest() {
        Subscriber crowded = subscribers(1, CROWDED).get(0);
        Subscriber quiet = subscribers(1, QUIET).get(0);
        int deliveries = 2 * DispatchQueue.CAPACITY;
        IntStream.rangeClosed(1, deliveries).forEach(revision -> log.deliver(CROWDED, revision));
        log.deliver(QUIET, 1);

        finish();

        assertThat(crowded.written()).isEqualTo(DispatchQueue.CAPACITY);
        assertThat(quiet.written()).isEqualTo(1);
        assertThat(TestSubscriber.received(channel)).contains(CROWDED + " " + deliveries);
        assertThat(meters.get("cvmfs_notify_conflated")
                        .tag("where", "event_loop")
                        .counter()
                        .count())
                .isEqualTo(deliveries - DispatchQueue.CAPACITY);
    }

    @Test
    void theFanOutIsSettledWhenEverythingIsWritten() {
        List<Subscriber> crowd = subscribers(CROWD, CROWDED);
        log.deliver(CROWDED, 1);
        CompletableFuture<Void> settled = fanOut.settled();
        channel.runPendingTasks();
        assertThat(settled).isNotDone();

        finish();

        assertThat(settled).isCompleted();
        assertThat(written(crowd)).isEqualTo(CROWD);
        assertThat(fanOut.settled()).isCompleted();
    }

    private static ByteBuf shared(ByteBuf duplicate) {
        ByteBuf buffer = duplicate;
        while (buffer.unwrap() != null) {
            buffer = buffer.unwrap();
        }
        return buffer;
    }

    private List<Subscriber> subscribers(int count, String repository) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    Subscriber subscriber =
                            fanOut.subscriber(channel, DeliveryTerms.plain(WireFormat.UNCHUNKED_BARE_EVENT));
                    subscriber.subscribe(
                            new RepositoryName(repository),
                            ResumePoint.FROM_LAST_VALUE,
                            1,
                            NameHolder.WITH_CREDENTIALS);
                    return subscriber;
                })
                .toList();
    }

    private static List<Subscriber> every(int nth, List<Subscriber> all) {
        return IntStream.range(0, all.size() / nth)
                .mapToObj(i -> all.get(i * nth))
                .toList();
    }

    private static int written(List<Subscriber> subscribers) {
        return subscribers.stream().mapToInt(Subscriber::written).sum();
    }

    /** As many turns of the loop as could be needed. */
    private void finish() {
        for (int turn = 0; turn < 100; turn++) {
            channel.runPendingTasks();
        }
    }
}
