package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.admission.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.RecordingTail;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalLogTest {

    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final FaultyDisk disk = new FaultyDisk();
    private final RecordingTail tail = new RecordingTail();
    private JournalLog log;

    private void start(int capacity, Duration timeLimit) {
        log = new JournalLog(
                JournalFile.open(StateDir.acquire(folder), disk),
                capacity,
                timeLimit,
                Clock.systemUTC(),
                new SimpleMeterRegistry());
        log.start(tail);
        // The file has been made.
        await().until(() -> disk.syncs.get() > 0);
    }

    @AfterEach
    void close() {
        disk.syncsAllowed.release(1_000);
        if (log != null) {
            log.close();
        }
    }

    private CompletableFuture<Void> append(int revision) {
        return log.append(Activities.message("a.example.org", revision));
    }

    @Test
    void anAppendedMessageIsDeliveredWhenItsFutureCompletes() {
        start(10, TIME_LIMIT);

        append(1).join();

        assertThat(tail.texts()).containsExactly("a.example.org revision 1");
        assertThat(log.state().isReady()).isTrue();
        assertThat(log.state().kind()).isEqualTo("journal");
        assertThat(log.state().detail()).contains(folder.toString());
    }

    @Test
    void theSameMessageAppendedTwiceIsDeliveredTwice() {
        start(10, TIME_LIMIT);

        append(1).join();
        append(1).join();

        assertThat(tail.texts()).hasSize(2);
    }

    @Test
    void aFullDiskFailsAppendsUntilThereIsRoom() {
        start(10, TIME_LIMIT);
        append(1).join();
        disk.full = true;

        assertThat(append(2))
                .failsWithin(TIME_LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class)
                .withMessageContaining("No space left on device");
        assertThat(log.state().canAppend()).isFalse();

        disk.full = false;
        await().until(() -> log.state().canAppend());
        append(3).join();
        assertThat(tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 3");
    }

    @Test
    void aDiskThatHangsFailsAppendsWithinTheTimeLimit() {
        start(10, Duration.ofMillis(50));
        disk.syncsAllowed.drainPermits();

        assertThat(append(1))
                .failsWithin(TIME_LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class)
                .withMessageContaining("did not confirm");
        assertThat(tail.texts()).isEmpty();
    }

    @Test
    void moreAppendsThanMayWaitFailAtOnce() {
        start(2, TIME_LIMIT);
        disk.syncsAllowed.drainPermits();
        CompletableFuture<Void> inWork = append(1);
        await().until(() -> disk.syncsAllowed.hasQueuedThreads());

        List<CompletableFuture<Void>> waiting =
                IntStream.rangeClosed(2, 3).mapToObj(this::append).toList();
        CompletableFuture<Void> tooMany = append(4);

        assertThat(tooMany).isCompletedExceptionally();
        disk.syncsAllowed.release(1_000);
        inWork.join();
        waiting.forEach(CompletableFuture::join);
        assertThat(tail.texts()).hasSize(3);
    }

    @Test
    void closingFailsWhatIsAppendedLaterAndMayBeDoneTwice() {
        start(10, TIME_LIMIT);

        log.close();
        log.close();

        assertThat(append(1))
                .isCompletedExceptionally()
                .failsWithin(TIME_LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class);
    }
}
