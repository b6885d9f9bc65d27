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
class EndingTest extends WaitFixture {

    @Test
    void cancellingEndsTheWaitAndLeavesNothingBehind() {
        WaitService service = service(PATIENT);
        replicas.serve(A, 6);
        Wait waiting = start(service, A);
        await().until(() -> replicas.manifestReads() == 1);

        waiting.cancel();
        waiting.cancel();

        assertThatThrownBy(() -> waiting.result().get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThat(service.counts().gates()).isZero();
        assertThat(server.opened.get(0).subscribed).isEmpty();
    }

    @Test
    void theResultOfOneCallerIsNotTheResultOfAnother() {
        WaitService service = service(QUICK);
        Wait waiting = start(service, A);

        waiting.result().cancel(true);
        waiting.result().complete(null);
        replicas.serve(A, 7);

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void closingTheServiceCompletesEverything() {
        // Given
        WaitService service = service(PATIENT);
        replicas.hold();
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 50)
                .mapToObj(
                        i -> start(service, "http://a.example.org/cvmfs/r" + i).result())
                .toList();
        await().until(() -> replicas.heldBack() == 4);

        // When
        service.close();
        service.close();

        // Then
        assertThat(results).allMatch(CompletableFuture::isCancelled);
        assertThat(server.opened).hasSize(1).allMatch(subscriber -> subscriber.closed);
        assertThat(replicas.cancelled()).isEqualTo(4);
        assertThatThrownBy(() -> start(service, A)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingTheServiceCompletesEverythingEvenIfAListenerBlocks() {
        // Given
        WaitService service = service(PATIENT);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(4);
        List<CompletableFuture<GateReport>> results = IntStream.range(0, 10)
                .mapToObj(i -> service.start(forRevision7("all", A), null, line -> {
                            blocked.countDown();
                            awaitQuietly(never);
                        })
                        .result())
                .toList();
        await().until(() -> blocked.getCount() == 0);
        Thread.currentThread().interrupt();

        // When an interrupt cuts the patience short
        service.close();

        // Then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(results).allMatch(CompletableFuture::isDone);
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        WaitService service = service(QUICK);
        replicas.serve(A, 7);

        Wait waiting = service.start(forRevision7("all", A), null, line -> {
            throw new IllegalStateException("a listener's mistake");
        });

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aMistakeEndsTheWaitThatMadeItAndNoOther() {
        // Given
        AtomicInteger drawn = new AtomicInteger();
        WaitService service = service(QUICK, Duration.ofSeconds(30), () -> {
            if (drawn.getAndIncrement() == 0) {
                throw new NoClassDefFoundError("gone");
            }
            return 1L;
        });

        // When
        CompletableFuture<GateReport> first = start(service, A).result();

        // Then
        assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(NoClassDefFoundError.class);
        CompletableFuture<GateReport> second = start(service, A).result();
        replicas.serve(A, 7);
        assertThat(second.join().outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(service.counts().gates()).isZero();
    }

    @Test
    void theLinesComeInOrderAndBeforeTheResult() {
        WaitService service = service(QUICK);
        replicas.serve(A, 7);
        List<String> lines = Collections.synchronizedList(new ArrayList<>());

        service.start(forRevision7("all", A), null, lines::add).result().join();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("waiting for revision 7 or newer of sw.example.org on site-0 until");
        assertThat(lines.get(1)).startsWith("site-0 has revision 7, seen");
        assertThat(lines.get(2)).startsWith("reached after");
    }

    @Test
    void aPlaceThatIsNoneIsRefusedAtOnce() {
        WaitService service = service(PATIENT);

        assertThatThrownBy(() -> start(service, "ftp://a.example.org/x")).isInstanceOf(InvalidInputException.class);
        assertThat(service.counts().gates()).isZero();
    }

    @Test
    void noMoreGatesWaitThanAllowed() {
        WaitSettings two = new WaitSettings(PATIENT, 2, 4, 32, Duration.ZERO);
        WaitService service = new WaitService(replicas, server, two, Clock.systemUTC(), new Random(1));
        services.add(service);
        start(service, A);
        start(service, A);

        assertThatThrownBy(() -> start(service, A))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("2 gates are waiting, no more are allowed");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new WaitSettings(PATIENT, 1, 0, 1, Duration.ZERO))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("wait settings: maxReadsPerHost is 0, must be at least 1");
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
