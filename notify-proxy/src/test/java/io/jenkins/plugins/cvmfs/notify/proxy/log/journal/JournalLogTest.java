package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.RecordingTail;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalLogTest {

    private static final int MANY = 1_000;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final FaultyDisk disk = new FaultyDisk();
    private final RecordingTail tail = new RecordingTail();
    private Clock clock = Clock.systemUTC();
    private JournalLog log;

    private void start(int capacity, Duration timeLimit) {
        log = new JournalLog(
                new JournalFile(StateDirectory.acquire(folder), disk),
                TestConfigs.repositories(),
                capacity,
                timeLimit,
                clock,
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
        return log.append(Activities.message("a.example.org", revision), Activities.ORIGIN);
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

    /** The rename has taken the old file's name away: what is appended to it is gone with the process. */
    @Test
    void nothingIsAcknowledgedIntoAFileThatACompactionHasReplaced() throws IOException {
        start(10, TIME_LIMIT);
        disk.folderCannotBeSynced = true;
        long acknowledged = appendUntilRefused();

        assertThat(append(MANY)).failsWithin(TIME_LIMIT);
        assertThat(log.state().canAppend()).isFalse();
        assertThat(recovered()).isEqualTo("a.example.org revision " + acknowledged);
    }

    @Test
    void afterACompactionThatFailedTheJournalIsWrittenAnewAndGoesOn() throws IOException {
        start(10, TIME_LIMIT);
        disk.folderCannotBeSynced = true;
        long refused = appendUntilRefused() + 1;

        disk.folderCannotBeSynced = false;
        await().until(() -> log.state().canAppend());
        append((int) refused + 1).join();

        assertThat(recovered()).isEqualTo("a.example.org revision " + (refused + 1));
    }

    /** Appends until the file has grown so much that it is compacted, and that fails. Returns the last one acknowledged. */
    private long appendUntilRefused() {
        for (int revision = 1; revision < MANY; revision++) {
            try {
                log.append(Activities.message("a.example.org", revision, 60_000), Activities.ORIGIN)
                        .join();
            } catch (CompletionException e) {
                assertThat(e).hasCauseInstanceOf(LogUnavailableException.class);
                return revision - 1L;
            }
        }
        return MANY;
    }

    /** What a restart after a kill would find. */
    private String recovered() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        Files.copy(folder.resolve("activity.journal"), copy.resolve("activity.journal"));
        try (JournalFile journal = JournalFile.open(copy)) {
            List<String> texts = Entries.texts(Entries.recovered(journal));
            return texts.get(texts.size() - 1);
        }
    }

    @Test
    void aForgottenRepositoryStaysForgottenAfterARestartUntilItIsAnnouncedAgain() throws IOException {
        start(10, TIME_LIMIT);
        append(1).join();
        log.append(Activities.message("b.example.org", 1), Activities.ORIGIN).join();

        log.forget(new RepositoryName("a.example.org")).join();

        assertThat(tail.forgotten()).extracting(RepositoryName::value).containsExactly("a.example.org");
        log.close();
        start(10, TIME_LIMIT);
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(tail.texts().subList(2, tail.texts().size()))
                                .containsExactly("b.example.org revision 1"));
        append(1).join();
        assertThat(tail.last("a.example.org")).contains("a.example.org revision 1");
        assertThat(recovered()).isEqualTo("a.example.org revision 1");
    }

    @Test
    void whatCannotBeWrittenDownIsNotForgotten() {
        start(10, TIME_LIMIT);
        append(1).join();
        disk.full = true;

        assertThat(log.forget(new RepositoryName("a.example.org"))).failsWithin(TIME_LIMIT);
        assertThat(tail.forgotten()).isEmpty();
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

    @Test
    void publishesThatWaitTogetherGetDifferentTimesEvenIfTheClockStands() {
        clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
        start(10, TIME_LIMIT);
        disk.syncsAllowed.drainPermits();
        List<CompletableFuture<Void>> waiting =
                IntStream.rangeClosed(1, 4).mapToObj(this::append).toList();

        disk.syncsAllowed.release(1_000);
        waiting.forEach(CompletableFuture::join);

        assertThat(tail.announcements())
                .extracting(Announcement::announcedAt)
                .containsExactly(
                        clock.instant(),
                        clock.instant().plusMillis(1),
                        clock.instant().plusMillis(2),
                        clock.instant().plusMillis(3));
    }

    @Test
    void anOrderToForgetCoversThePublishesThatWaitBeforeIt() {
        clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
        start(10, TIME_LIMIT);
        disk.syncsAllowed.drainPermits();
        List<CompletableFuture<Void>> waiting =
                IntStream.rangeClosed(1, 4).mapToObj(this::append).toList();
        CompletableFuture<Void> order = log.forget(new RepositoryName("a.example.org"));

        disk.syncsAllowed.release(1_000);
        waiting.forEach(CompletableFuture::join);
        order.join();

        assertThat(tail.forgotten()).extracting(RepositoryName::value).containsExactly("a.example.org");
    }

    @Test
    void whatIsAppendedWhileTheLogClosesFailsAndSaysWhy() {
        start(MANY, TIME_LIMIT);
        disk.syncsAllowed.drainPermits();
        var unused = append(1);
        await().until(() -> disk.syncsAllowed.hasQueuedThreads());
        CompletableFuture<Void> closing = CompletableFuture.runAsync(log::close);
        AtomicReference<CompletableFuture<Void>> refused = new AtomicReference<>();

        await().until(() -> {
            refused.set(append(2));
            return refused.get().isCompletedExceptionally();
        });

        disk.syncsAllowed.release(1_000);
        closing.join();
        assertThat(refused.get())
                .failsWithin(TIME_LIMIT)
                .withThrowableThat()
                .withMessageContaining("the log is not open");
    }
}
