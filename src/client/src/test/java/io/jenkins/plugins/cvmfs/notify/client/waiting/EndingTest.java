package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How waits end, and what they leave behind. */
class EndingTest extends RoomFixture {

    @Test
    void cancellingEndsTheWaitAndLeavesNothingBehind() {
        WaitService room = room(PATIENT);
        replicas.serve(A, 6);
        Wait waiting = enter(room, A);
        await().until(() -> replicas.manifestReads() == 1);

        waiting.cancel();
        waiting.cancel();

        assertThatThrownBy(() -> waiting.result().get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(room.counts().gates()).isZero();
        assertThat(server.opened.get(0).subscribed).isEmpty();
    }

    @Test
    void theResultOfOneCallerIsNotTheResultOfAnother() {
        WaitService room = room(QUICK);
        Wait waiting = enter(room, A);

        waiting.result().cancel(true);
        waiting.result().complete(null);
        replicas.serve(A, 7);

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void closingTheRoomCompletesEverything() {
        // Given
        WaitService room = room(PATIENT);
        replicas.hold();
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 50)
                .mapToObj(i -> enter(room, "http://a.example.org/cvmfs/r" + i).result())
                .toList();
        await().until(() -> replicas.heldBack() == 4);

        // When
        room.close();
        room.close();

        // Then
        assertThat(results).allMatch(CompletableFuture::isCancelled);
        assertThat(server.opened).hasSize(1).allMatch(subscriber -> subscriber.closed);
        assertThat(replicas.cancelled()).isEqualTo(4);
        assertThatThrownBy(() -> enter(room, A)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingTheRoomCompletesEverythingEvenIfAListenerBlocks() {
        // Given
        WaitService room = room(PATIENT);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(4);
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 10)
                .mapToObj(i -> room.enter(forRevision7("all", A), null, line -> {
                            blocked.countDown();
                            awaitQuietly(never);
                        })
                        .result())
                .toList();
        await().until(() -> blocked.getCount() == 0);
        Thread.currentThread().interrupt();

        // When an interrupt cuts the patience short
        room.close();

        // Then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(results).allMatch(CompletableFuture::isDone);
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        WaitService room = room(QUICK);
        replicas.serve(A, 7);

        Wait waiting = room.enter(forRevision7("all", A), null, line -> {
            throw new IllegalStateException("a listener's mistake");
        });

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aMistakeEndsTheWaitThatMadeItAndNoOther() {
        // Given
        AtomicInteger drawn = new AtomicInteger();
        WaitService room = room(QUICK, Duration.ofSeconds(30), () -> {
            if (drawn.getAndIncrement() == 0) {
                throw new NoClassDefFoundError("gone");
            }
            return 1L;
        });

        // When
        CompletableFuture<GateReport> first = enter(room, A).result();

        // Then
        assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(NoClassDefFoundError.class);
        CompletableFuture<GateReport> second = enter(room, A).result();
        replicas.serve(A, 7);
        assertThat(second.join().outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(room.counts().gates()).isZero();
    }

    @Test
    void theLinesComeInOrderAndBeforeTheResult() {
        WaitService room = room(QUICK);
        replicas.serve(A, 7);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());

        room.enter(forRevision7("all", A), null, lines::add).result().join();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("waiting for revision 7 or newer of sw.example.org on site-0 until");
        assertThat(lines.get(1)).startsWith("site-0 has revision 7, seen");
        assertThat(lines.get(2)).startsWith("reached after");
    }

    @Test
    void aPlaceThatIsNoneIsRefusedAtOnce() {
        WaitService room = room(PATIENT);

        assertThatThrownBy(() -> enter(room, "ftp://a.example.org/x")).isInstanceOf(InvalidInputException.class);
        assertThat(room.counts().gates()).isZero();
    }

    @Test
    void noMoreGatesWaitThanAllowed() {
        WaitSettings two = new WaitSettings(PATIENT, 2, 4, 32, Duration.ZERO);
        WaitService room = WaitService.open(replicas, server, two, Clock.systemUTC(), new Random(1));
        rooms.add(room);
        enter(room, A);
        enter(room, A);

        assertThatThrownBy(() -> enter(room, A))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("2 gates are waiting, no more are allowed");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new WaitSettings(PATIENT, 1, 0, 1, Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("waiting: readsPerHost is 0, allowed are 1 and more");
        assertThatThrownBy(() -> new WaitSettings(PATIENT, 1, 1, 1, Duration.ofSeconds(-1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("linger");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
