package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Source.Stream.Reading;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.RecordingTail;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LogRecorderTest {

    private static final String REPOSITORY = "a.example.org";

    @TempDir
    Path folder;

    private final FaultyDisk disk = new FaultyDisk();
    private final Outcomes outcomes = new Outcomes();
    private RepositoryLimits limits = RepositoryLimits.defaults();
    private final RecordingTail tail = new RecordingTail();
    private LogRecorder ledger;

    private LogRecorder open() {
        return new LogRecorder(
                new JournalFile(StateDirectory.acquire(folder), disk),
                limits,
                1_000,
                Duration.ofSeconds(20),
                outcomes,
                new SimpleMeterRegistry());
    }

    private void start() throws InterruptedException {
        ledger = open();
        ledger.start(tail);
        awaitAllRecorded();
    }

    private void awaitAllRecorded() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        ledger.afterwards(done::countDown);
        done.await();
    }

    @AfterEach
    void close() {
        disk.syncsAllowed.release(1_000);
        if (ledger != null) {
            ledger.close();
        }
    }

    private static IncomingMessage arrival(int revision, Source source) {
        return new IncomingMessage(
                Activities.message(REPOSITORY, revision),
                new UUID(1, revision),
                Entries.START.plusSeconds(revision),
                source);
    }

    @Test
    void withoutADiskAnArrivalIsRecordedOnItsCallersThread() throws InterruptedException {
        List<Integer> order = new ArrayList<>();
        ledger = LogRecorder.open(
                Optional.empty(), limits, 1, Duration.ofSeconds(20), outcomes, new SimpleMeterRegistry());
        ledger.start(tail);

        ledger.put(arrival(1, new Source.Queue()));
        ledger.put(arrival(2, new Source.Queue()));
        ledger.afterwards(() -> order.add(tail.texts().size()));

        assertThat(ledger.mayBlock()).isFalse();
        assertThat(tail.texts()).hasSize(2);
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2));
        assertThat(order).containsExactly(2);
    }

    /** Entries that a restart read were held as long as the journal was open: 64 MB instead of 17 for 5,000 last values. */
    @Test
    void whatWasReadFromTheJournalIsFreedWhenItIsNoLongerALastValue() throws InterruptedException {
        start();
        ledger.put(arrival(1, new Source.Queue()));
        awaitAllRecorded();
        ledger.close();
        start();
        WeakReference<LogEntry> read = new WeakReference<>(
                ledger.lastValues().of(new RepositoryName(REPOSITORY)).orElseThrow());

        ledger.put(arrival(2, new Source.Queue()));
        awaitAllRecorded();

        await().until(() -> {
            System.gc();
            return read.get() == null;
        });
    }

    /** The oldest were kept, and those that got no room were never spoken of. */
    @Test
    void aLowerLimitKeepsTheNewestSaysWhatItLeavesOutAndKeepsACopyOfTheJournal() throws InterruptedException {
        start();
        for (int number = 1; number <= 5; number++) {
            ledger.put(arrival("r" + number, number));
        }
        ledger.put(arrival("r1", 6));
        awaitAllRecorded();
        ledger.close();
        limits = limits.withMaxRepositories(3);

        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(LeftOut.class);
        logger.addAppender(log);
        start();
        logger.detachAppender(log);

        assertThat(log.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
            assertThat(line.getKeyValuePairs())
                    .extracting(pair -> pair.key + "=" + pair.value)
                    .contains("leftOut=2", "repositories=r2 r3", "limits.max_repositories=3");
        });

        assertThat(Entries.texts(ledger.lastValues().all()))
                .containsExactly("r4 revision 4", "r5 revision 5", "r1 revision 6");
        assertThat(tail.texts().subList(6, 9)).containsExactly("r4 revision 4", "r5 revision 5", "r1 revision 6");
        ledger.close();
        assertThat(Entries.texts(Entries.recovered(copyOfJournal()))).contains("r2 revision 2", "r3 revision 3");
    }

    private Journal copyOfJournal() throws InterruptedException {
        try {
            Path copy = Files.createDirectory(folder.resolve("copy"));
            Files.copy(folder.resolve("activity.journal.full"), copy.resolve("activity.journal"));
            return JournalFile.open(copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void oneMoreThanTheLimitsAllowTakesTheOldestOnesPlace() throws InterruptedException {
        limits = new RepositoryLimits(3, 128 * 1024, 0, 0);
        start();

        for (int number = 1; number <= 4; number++) {
            ledger.put(arrival("r" + number, number));
        }
        ledger.put(new IncomingMessage(
                Activities.message("r5", 5, 60_000), new UUID(1, 5), Entries.START.plusSeconds(5), new Source.Queue()));
        awaitAllRecorded();

        assertThat(Entries.texts(ledger.lastValues().all()))
                .containsExactly("r3 revision 3", "r4 revision 4", "r5 revision 5");
        assertThat(tail.forgotten()).extracting(RepositoryName::value).containsExactly("r1", "r2");
        ledger.put(new IncomingMessage(
                Activities.message("r6", 6, 60_000), new UUID(1, 6), Entries.START.plusSeconds(6), new Source.Queue()));
        awaitAllRecorded();
        assertThat(Entries.texts(ledger.lastValues().all())).containsExactly("r6 revision 6");
    }

    private static IncomingMessage arrival(String repository, int revision) {
        return new IncomingMessage(
                Activities.message(repository, revision),
                new UUID(1, revision),
                Entries.START.plusSeconds(revision),
                new Source.Queue());
    }

    @Test
    void nothingIsDeliveredBeforeItIsOnDisk() throws InterruptedException {
        start();
        disk.syncsAllowed.drainPermits();

        ledger.put(arrival(1, new Source.Queue()));
        await().until(() -> disk.syncsAllowed.hasQueuedThreads());

        assertThat(tail.texts()).isEmpty();
        assertThat(outcomes.recorded).isEmpty();
        disk.syncsAllowed.release();
        await().until(() -> !tail.texts().isEmpty());
        awaitAllRecorded();
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1));
    }

    @Test
    void whatArrivesDuringOneSyncSharesTheNext() throws InterruptedException {
        start();
        disk.syncsAllowed.drainPermits();
        ledger.put(arrival(1, new Source.Publisher()));
        await().until(() -> disk.syncsAllowed.hasQueuedThreads());
        int before = disk.syncs.get();

        for (int revision = 2; revision <= 101; revision++) {
            ledger.put(arrival(revision, new Source.Publisher()));
        }
        disk.syncsAllowed.release(1_000);
        awaitAllRecorded();

        assertThat(tail.announcements()).hasSize(101);
        assertThat(disk.syncs.get() - before).isEqualTo(2);
    }

    @Test
    void anArrivalThatCannotBeWrittenDownCostsOnlyItself() throws InterruptedException {
        start();
        IncomingMessage beyondAllTime = new IncomingMessage(
                Activities.message(REPOSITORY, 1), new UUID(1, 1), Instant.MAX, new Source.Publisher());

        ledger.put(beyondAllTime);
        awaitAllRecorded();
        ledger.put(arrival(2, new Source.Publisher()));
        awaitAllRecorded();

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 2));
        assertThat(tail.texts()).containsExactly(REPOSITORY + " revision 2");
    }

    @Test
    void deliveriesComeInOrderWithGrowingPositions() throws InterruptedException {
        start();

        for (int revision = 1; revision <= 500; revision++) {
            ledger.put(arrival(revision, new Source.Queue()));
        }
        awaitAllRecorded();

        assertThat(tail.announcements())
                .extracting(a -> a.message().revision().bits())
                .isSorted()
                .hasSize(500);
        assertThat(tail.announcements())
                .extracting(a -> a.position().offset())
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void aPublishThatArrivesTwiceIsDeliveredOnce() throws InterruptedException {
        start();

        ledger.put(arrival(1, new Source.Queue()));
        ledger.put(arrival(2, new Source.Queue()));
        ledger.put(arrival(1, new Source.Queue()));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2), new UUID(1, 1));
    }

    @Test
    void aRestartDeliversTheLastValuesFirstAndKnowsTheirPublishes() throws InterruptedException {
        start();
        ledger.put(arrival(1, new Source.Queue()));
        ledger.put(arrival(2, new Source.Queue()));
        awaitAllRecorded();
        Announcement last = tail.announcements().get(1);
        ledger.close();

        start();
        ledger.put(arrival(2, new Source.Queue()));
        ledger.put(arrival(3, new Source.Queue()));
        awaitAllRecorded();

        assertThat(tail.texts().subList(2, 4)).containsExactly("a.example.org revision 2", "a.example.org revision 3");
        assertThat(tail.announcements().get(2).position()).isEqualTo(last.position());
        assertThat(tail.announcements().get(2).announcedAt()).isEqualTo(last.announcedAt());
        assertThat(tail.announcements().get(3).position().epoch())
                .isEqualTo(last.position().epoch());
        assertThat(tail.announcements().get(3).position().offset())
                .isGreaterThan(last.position().offset());
    }

    @Test
    void aPeersLastValueCountsOnlyIfItIsNewer() throws InterruptedException {
        start();
        ledger.put(arrival(5, new Source.Queue()));

        ledger.put(arrival(4, new Source.Peer()));
        ledger.put(arrival(7, new Source.Peer()));
        ledger.put(arrival(6, new Source.Peer()));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 5", "a.example.org revision 7");
    }

    @Test
    void whoStillKnowsAForgottenRepositoryDoesNotBringItBack() throws InterruptedException {
        start();
        ledger.put(arrival(5, new Source.Queue()));
        ledger.put(new Forget(
                new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(6)), new UUID(9, 9), true));
        awaitAllRecorded();
        ledger.close();
        start();

        ledger.put(arrival(4, new Source.Peer()));
        ledger.put(arrival(6, new Source.Stream(new LogPosition("feed", 9), Reading.COPY)));
        awaitAllRecorded();

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 5), new UUID(9, 9), new UUID(1, 4), new UUID(1, 6));
        assertThat(tail.texts()).containsExactly("a.example.org revision 5");
        ledger.put(arrival(7, new Source.Peer()));
        awaitAllRecorded();
        assertThat(tail.last(REPOSITORY)).contains("a.example.org revision 7");
    }

    @Test
    void anOrderThatComesTwiceForgetsOnce() throws InterruptedException {
        start();
        ledger.put(arrival(5, new Source.Queue()));
        Forgotten order = new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(6));

        ledger.put(new Forget(order, new UUID(9, 8), true));
        ledger.put(new Forget(order, new UUID(9, 9), true));
        awaitAllRecorded();

        assertThat(tail.forgotten()).hasSize(1);
        assertThat(outcomes.recorded).endsWith(new UUID(9, 8), new UUID(9, 9));
    }

    @Test
    void anOrderToForgetThatIsOlderThanTheLastAnnouncementForgetsNothing() throws InterruptedException {
        start();
        ledger.put(arrival(5, new Source.Queue()));

        ledger.put(new Forget(new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(4)), null, true));
        awaitAllRecorded();

        assertThat(tail.forgotten()).isEmpty();
        assertThat(ledger.lastValues().of(new RepositoryName(REPOSITORY))).isPresent();
    }

    @Test
    void aRollBackIsDeliveredLikeAnyOtherAnnouncement() throws InterruptedException {
        start();

        ledger.put(arrival(5, new Source.Queue()));
        ledger.put(arrival(4, new Source.Queue()));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 5", "a.example.org revision 4");
    }

    @Test
    void anIdenticalMessageOfAForeignPublisherIsAnAnnouncementLikeAnyOther() throws InterruptedException {
        start();
        IncomingMessage foreign =
                new IncomingMessage(Activities.message(REPOSITORY, 1), null, Entries.START, new Source.Queue());

        ledger.put(foreign);
        ledger.put(foreign);
        awaitAllRecorded();

        assertThat(tail.texts()).hasSize(2);
    }

    @Test
    void theSamePositionOfAStreamIsDeliveredOnce() throws InterruptedException {
        start();
        Source at9 = new Source.Stream(new LogPosition("feed", 9), Reading.LIVE);
        IncomingMessage foreign = new IncomingMessage(Activities.message(REPOSITORY, 1), null, Entries.START, at9);

        ledger.put(foreign);
        ledger.put(foreign);
        awaitAllRecorded();

        assertThat(tail.announcements())
                .singleElement()
                .satisfies(a -> assertThat(a.position()).hasToString("feed:9"));
    }

    @Test
    void aFullDiskRefusesAPublisherButNotWhatTheBrokerHasAnnounced() throws InterruptedException {
        start();
        disk.full = true;

        ledger.put(arrival(1, new Source.Publisher()));
        awaitAllRecorded();
        ledger.put(arrival(2, new Source.Queue()));
        awaitAllRecorded();
        ledger.put(arrival(3, new Source.Stream(new LogPosition("feed", 9), Reading.LIVE)));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 2", "a.example.org revision 3");
        assertThat(outcomes.refused).containsExactly(new UUID(1, 1), new UUID(1, 2));
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 3));
        assertThat(ledger.trouble()).isPresent();
    }

    @Test
    void onceTheDiskHasRoomTheJournalHoldsWhatWasDeliveredMeanwhile() throws InterruptedException {
        start();
        disk.full = true;
        ledger.put(arrival(1, new Source.Queue()));
        awaitAllRecorded();

        disk.full = false;
        await().until(() -> ledger.trouble().isEmpty());
        ledger.close();

        ledger = open();
        assertThat(ledger.lastValues().of(new RepositoryName(REPOSITORY))).isPresent();
    }

    @Test
    void aTailThatFailsDoesNotStopTheNextDelivery() throws InterruptedException {
        ledger = open();
        ledger.start(announcement -> {
            if (announcement.message().revision().bits() == 1) {
                throw new IllegalStateException("for this test");
            }
            tail.delivered(announcement);
        });

        ledger.put(arrival(1, new Source.Queue()));
        ledger.put(arrival(2, new Source.Queue()));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 2");
    }

    @Test
    void timesOfARepositoryGrowAlsoIfTheClockDoesNot() throws InterruptedException {
        start();
        ledger.put(arrival(5, new Source.Queue()));
        awaitAllRecorded();

        RepositoryName repository = new RepositoryName(REPOSITORY);

        assertThat(ledger.lastValues().nextTime(repository, Entries.START))
                .isEqualTo(Entries.START.plusSeconds(5).plusMillis(1));
        assertThat(ledger.lastValues().nextTime(repository, Entries.START.plusSeconds(9)))
                .isEqualTo(Entries.START.plusSeconds(9));
    }

    private static final class Outcomes implements Settlement {

        private final List<UUID> recorded = new CopyOnWriteArrayList<>();
        private final List<UUID> refused = new CopyOnWriteArrayList<>();

        @Override
        public void recorded(UUID id) {
            recorded.add(id);
        }

        @Override
        public void notRecorded(UUID id, Exception cause) {
            refused.add(id);
        }
    }
}
