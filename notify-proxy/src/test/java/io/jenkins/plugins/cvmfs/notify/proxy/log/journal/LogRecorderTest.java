package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
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
import org.jspecify.annotations.Nullable;
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
    private RepositoryLimits limits = TestConfigs.repositories();
    private final RecordingTail tail = new RecordingTail();
    private LogRecorder recorder;

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
        recorder = open();
        recorder.start(tail);
        awaitAllRecorded();
    }

    private void awaitAllRecorded() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        recorder.afterwards(done::countDown);
        done.await();
    }

    @AfterEach
    void close() {
        disk.syncsAllowed.release(1_000);
        if (recorder != null) {
            recorder.close();
        }
    }

    private static IncomingMessage arrival(int revision, Way way) {
        return arrival(revision, way, null);
    }

    private static IncomingMessage arrival(int revision, Way way, @Nullable LogPosition positionOrNull) {
        return new IncomingMessage(
                Activities.message(REPOSITORY, revision),
                new UUID(1, revision),
                Entries.START.plusSeconds(revision),
                way,
                positionOrNull);
    }

    @Test
    void withoutADiskAnArrivalIsRecordedOnItsCallersThread() throws InterruptedException {
        List<Integer> order = new ArrayList<>();
        recorder = LogRecorder.open(
                Optional.empty(), limits, 1, Duration.ofSeconds(20), outcomes, new SimpleMeterRegistry());
        recorder.start(tail);

        recorder.put(arrival(1, Way.QUEUE));
        recorder.put(arrival(2, Way.QUEUE));
        recorder.afterwards(() -> order.add(tail.texts().size()));

        assertThat(recorder.describe()).contains("in memory");
        assertThat(tail.texts()).hasSize(2);
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2));
        assertThat(order).containsExactly(2);
    }

    /** Entries that a restart read were held as long as the journal was open: 64 MB instead of 17 for 5,000 last values. */
    @Test
    void whatWasReadFromTheJournalIsFreedWhenItIsNoLongerALastValue() throws InterruptedException {
        start();
        recorder.put(arrival(1, Way.QUEUE));
        awaitAllRecorded();
        recorder.close();
        start();
        WeakReference<LogEntry> read = new WeakReference<>(
                recorder.lastValues().of(new RepositoryName(REPOSITORY)).orElseThrow());

        recorder.put(arrival(2, Way.QUEUE));
        awaitAllRecorded();

        await().until(() -> {
            System.gc();
            return read.get() == null;
        });
    }

    @Test
    void severalAreRecordedTogetherAndThoseWithoutRoomAreNot() throws InterruptedException {
        recorder = new LogRecorder(
                new JournalFile(StateDirectory.acquire(folder), disk),
                limits,
                2,
                Duration.ofSeconds(20),
                outcomes,
                new SimpleMeterRegistry());

        recorder.offer(List.of(arrival(1, Way.QUEUE), arrival(2, Way.QUEUE), arrival(3, Way.QUEUE)));
        recorder.start(tail);
        awaitAllRecorded();

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2));
    }

    @Test
    void withoutADiskSeveralAreRecordedAtOnce() {
        recorder = LogRecorder.open(
                Optional.empty(), limits, 1, Duration.ofSeconds(20), outcomes, new SimpleMeterRegistry());
        recorder.start(tail);

        recorder.offer(List.of(arrival(1, Way.QUEUE), arrival(2, Way.QUEUE)));

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2));
    }

    private static IncomingMessage read(int revision, long offset) {
        return arrival(revision, Way.STREAM, new LogPosition("stream", offset));
    }

    private LogPosition known() {
        return recorder.lastValues()
                .of(new RepositoryName(REPOSITORY))
                .orElseThrow()
                .position();
    }

    @Test
    void aConfirmedMessageIsSyncedDeliveredAndAnsweredBeforeItIsRead() throws InterruptedException {
        start();
        recorder.put(read(1, 10));
        awaitAllRecorded();
        outcomes.awaited.add(new UUID(1, 2));
        int synced = disk.syncs.get();

        recorder.put(arrival(2, Way.CONFIRMED));
        awaitAllRecorded();

        assertThat(disk.syncs.get()).isEqualTo(synced + 1);
        assertThat(outcomes.unread).containsExactly(new UUID(1, 2));
        assertThat(tail.announcements().get(1).position().toString()).startsWith("stream:10.");
        assertThat(known().epoch()).isEqualTo(recorder.ownEpoch());

        recorder.put(read(2, 11));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly(REPOSITORY + " revision 1", REPOSITORY + " revision 2");
        assertThat(tail.located()).containsExactly(new LogPosition("stream", 11));
        assertThat(outcomes.recorded).endsWith(new UUID(1, 2));
        recorder.close();
        start();
        assertThat(known()).isEqualTo(new LogPosition("stream", 11));
    }

    @Test
    void beforeAConfirmedMessageIsReadWhatIsReadIsOlder() throws InterruptedException {
        start();
        outcomes.awaited.add(new UUID(1, 2));
        recorder.put(arrival(2, Way.CONFIRMED));

        recorder.put(read(3, 10));
        recorder.put(read(2, 11));
        recorder.put(read(3, 12));
        recorder.put(read(4, 13));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly(REPOSITORY + " revision 2", REPOSITORY + " revision 4");
    }

    @Test
    void anOrderToForgetThatIsReadBeforeAConfirmedMessageDoesNotConcernIt() throws InterruptedException {
        start();
        outcomes.awaited.add(new UUID(1, 2));
        recorder.put(arrival(2, Way.CONFIRMED));
        Instant later = Entries.START.plusSeconds(60);

        recorder.forget(new Forgotten(new RepositoryName(REPOSITORY), later, new UUID(1, 3)));
        awaitAllRecorded();

        assertThat(tail.forgotten()).isEmpty();
        assertThat(recorder.lastValues().of(new RepositoryName(REPOSITORY)))
                .hasValueSatisfying(last -> assertThat(last.announcedAt()).isAfter(later));
        assertThat(outcomes.recorded).contains(new UUID(1, 3));
    }

    @Test
    void aConfirmedMessageThatHasBeenReadIsNotDeliveredAgain() throws InterruptedException {
        start();
        outcomes.awaited.add(new UUID(1, 2));
        recorder.put(read(2, 10));
        recorder.put(read(3, 11));

        recorder.put(arrival(2, Way.CONFIRMED));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly(REPOSITORY + " revision 2", REPOSITORY + " revision 3");
    }

    @Test
    void aConfirmedMessageWhosePublishIsGoneWaitsUntilItIsRead() throws InterruptedException {
        start();

        recorder.put(arrival(2, Way.CONFIRMED));
        awaitAllRecorded();
        assertThat(tail.texts()).isEmpty();

        recorder.put(read(2, 10));
        awaitAllRecorded();
        assertThat(tail.texts()).hasSize(1);
    }

    /** The oldest were kept, and those that got no room were never spoken of. */
    @Test
    void aLowerLimitKeepsTheNewestSaysWhatItLeavesOutAndKeepsACopyOfTheJournal() throws InterruptedException {
        start();
        for (int number = 1; number <= 5; number++) {
            recorder.put(arrival("r" + number, number));
        }
        recorder.put(arrival("r1", 6));
        awaitAllRecorded();
        recorder.close();
        limits = TestConfigs.with(limits, 3);

        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Delivery.class);
        logger.addAppender(log);
        start();
        logger.detachAppender(log);

        assertThat(log.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
            assertThat(line.getKeyValuePairs())
                    .extracting(pair -> pair.key + "=" + pair.value)
                    .contains("leftOut=2", "repositories=r2 r3", "limits.max_repositories=3");
        });

        assertThat(Entries.texts(recorder.lastValues().all()))
                .containsExactly("r4 revision 4", "r5 revision 5", "r1 revision 6");
        assertThat(tail.texts().subList(6, 9)).containsExactly("r4 revision 4", "r5 revision 5", "r1 revision 6");
        recorder.close();
        assertThat(Entries.texts(Entries.recovered(copyOfJournal()))).contains("r2 revision 2", "r3 revision 3");
    }

    private JournalFile copyOfJournal() throws InterruptedException {
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
            recorder.put(arrival("r" + number, number));
        }
        recorder.put(new IncomingMessage(
                Activities.message("r5", 5, 60_000), new UUID(1, 5), Entries.START.plusSeconds(5), Way.QUEUE));
        awaitAllRecorded();

        assertThat(Entries.texts(recorder.lastValues().all()))
                .containsExactly("r3 revision 3", "r4 revision 4", "r5 revision 5");
        assertThat(tail.forgotten()).extracting(RepositoryName::value).containsExactly("r1", "r2");
        recorder.put(new IncomingMessage(
                Activities.message("r6", 6, 60_000), new UUID(1, 6), Entries.START.plusSeconds(6), Way.QUEUE));
        awaitAllRecorded();
        assertThat(Entries.texts(recorder.lastValues().all())).containsExactly("r6 revision 6");
    }

    private static IncomingMessage arrival(String repository, int revision) {
        return new IncomingMessage(
                Activities.message(repository, revision),
                new UUID(1, revision),
                Entries.START.plusSeconds(revision),
                Way.QUEUE);
    }

    @Test
    void nothingIsDeliveredBeforeItIsOnDisk() throws InterruptedException {
        start();
        disk.syncsAllowed.drainPermits();

        recorder.put(arrival(1, Way.QUEUE));
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
        recorder.put(arrival(1, Way.PUBLISHER));
        await().until(() -> disk.syncsAllowed.hasQueuedThreads());
        int before = disk.syncs.get();

        for (int revision = 2; revision <= 101; revision++) {
            recorder.put(arrival(revision, Way.PUBLISHER));
        }
        disk.syncsAllowed.release(1_000);
        awaitAllRecorded();

        assertThat(tail.announcements()).hasSize(101);
        assertThat(disk.syncs.get() - before).isEqualTo(2);
    }

    @Test
    void anArrivalThatCannotBeWrittenDownCostsOnlyItself() throws InterruptedException {
        start();
        IncomingMessage beyondAllTime =
                new IncomingMessage(Activities.message(REPOSITORY, 1), new UUID(1, 1), Instant.MAX, Way.PUBLISHER);

        recorder.put(beyondAllTime);
        awaitAllRecorded();
        recorder.put(arrival(2, Way.PUBLISHER));
        awaitAllRecorded();

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 2));
        assertThat(tail.texts()).containsExactly(REPOSITORY + " revision 2");
    }

    @Test
    void deliveriesComeInOrderWithGrowingPositions() throws InterruptedException {
        start();

        for (int revision = 1; revision <= 500; revision++) {
            recorder.put(arrival(revision, Way.QUEUE));
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

        recorder.put(arrival(1, Way.QUEUE));
        recorder.put(arrival(2, Way.QUEUE));
        recorder.put(arrival(1, Way.QUEUE));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 1), new UUID(1, 2), new UUID(1, 1));
    }

    @Test
    void aRestartDeliversTheLastValuesFirstAndKnowsTheirPublishes() throws InterruptedException {
        start();
        recorder.put(arrival(1, Way.QUEUE));
        recorder.put(arrival(2, Way.QUEUE));
        awaitAllRecorded();
        Announcement last = tail.announcements().get(1);
        recorder.close();

        start();
        recorder.put(arrival(2, Way.QUEUE));
        recorder.put(arrival(3, Way.QUEUE));
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
        recorder.put(arrival(5, Way.QUEUE));

        recorder.put(arrival(4, Way.PEER));
        recorder.put(arrival(7, Way.PEER));
        recorder.put(arrival(6, Way.PEER));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 5", "a.example.org revision 7");
    }

    @Test
    void whoStillKnowsAForgottenRepositoryDoesNotBringItBack() throws InterruptedException {
        start();
        recorder.put(arrival(5, Way.QUEUE));
        recorder.forget(new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(6), new UUID(9, 9)));
        awaitAllRecorded();
        recorder.close();
        start();

        recorder.put(arrival(4, Way.PEER));
        recorder.put(arrival(6, Way.STREAM_COPY, new LogPosition("feed", 9)));
        awaitAllRecorded();

        assertThat(outcomes.recorded).containsExactly(new UUID(1, 5), new UUID(9, 9), new UUID(1, 4), new UUID(1, 6));
        assertThat(tail.texts()).containsExactly("a.example.org revision 5");
        recorder.put(arrival(7, Way.PEER));
        awaitAllRecorded();
        assertThat(tail.last(REPOSITORY)).contains("a.example.org revision 7");
    }

    @Test
    void anOrderThatComesTwiceForgetsOnce() throws InterruptedException {
        start();
        recorder.put(arrival(5, Way.QUEUE));
        Forgotten order = new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(6));

        recorder.forget(new Forgotten(order.repository(), order.at(), new UUID(9, 8)));
        recorder.forget(new Forgotten(order.repository(), order.at(), new UUID(9, 9)));
        awaitAllRecorded();

        assertThat(tail.forgotten()).hasSize(1);
        assertThat(outcomes.recorded).endsWith(new UUID(9, 8), new UUID(9, 9));
    }

    @Test
    void anOrderToForgetThatIsOlderThanTheLastAnnouncementForgetsNothing() throws InterruptedException {
        start();
        recorder.put(arrival(5, Way.QUEUE));

        recorder.forget(new Forgotten(new RepositoryName(REPOSITORY), Entries.START.plusSeconds(4), null));
        awaitAllRecorded();

        assertThat(tail.forgotten()).isEmpty();
        assertThat(recorder.lastValues().of(new RepositoryName(REPOSITORY))).isPresent();
    }

    @Test
    void aRollBackIsDeliveredLikeAnyOtherAnnouncement() throws InterruptedException {
        start();

        recorder.put(arrival(5, Way.QUEUE));
        recorder.put(arrival(4, Way.QUEUE));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 5", "a.example.org revision 4");
    }

    @Test
    void anIdenticalMessageOfAForeignPublisherIsAnAnnouncementLikeAnyOther() throws InterruptedException {
        start();
        IncomingMessage foreign =
                new IncomingMessage(Activities.message(REPOSITORY, 1), null, Entries.START, Way.QUEUE);

        recorder.put(foreign);
        recorder.put(foreign);
        awaitAllRecorded();

        assertThat(tail.texts()).hasSize(2);
    }

    @Test
    void theSamePositionOfAStreamIsDeliveredOnce() throws InterruptedException {
        start();
        IncomingMessage foreign = new IncomingMessage(
                Activities.message(REPOSITORY, 1), null, Entries.START, Way.STREAM, new LogPosition("feed", 9));

        recorder.put(foreign);
        recorder.put(foreign);
        awaitAllRecorded();

        assertThat(tail.announcements())
                .singleElement()
                .satisfies(a -> assertThat(a.position()).hasToString("feed:9"));
    }

    @Test
    void aFullDiskRefusesAPublisherButNotWhatTheBrokerHasAnnounced() throws InterruptedException {
        start();
        disk.full = true;

        recorder.put(arrival(1, Way.PUBLISHER));
        awaitAllRecorded();
        recorder.put(arrival(2, Way.QUEUE));
        awaitAllRecorded();
        recorder.put(arrival(3, Way.STREAM, new LogPosition("feed", 9)));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 2", "a.example.org revision 3");
        assertThat(outcomes.refused).containsExactly(new UUID(1, 1), new UUID(1, 2));
        assertThat(outcomes.recorded).containsExactly(new UUID(1, 3));
        assertThat(recorder.failure()).isPresent();
    }

    @Test
    void onceTheDiskHasRoomTheJournalHoldsWhatWasDeliveredMeanwhile() throws InterruptedException {
        start();
        disk.full = true;
        recorder.put(arrival(1, Way.QUEUE));
        awaitAllRecorded();

        disk.full = false;
        await().until(() -> recorder.failure().isEmpty());
        recorder.close();

        recorder = open();
        assertThat(recorder.lastValues().of(new RepositoryName(REPOSITORY))).isPresent();
    }

    @Test
    void aTailThatFailsDoesNotStopTheNextDelivery() throws InterruptedException {
        recorder = open();
        recorder.start(announcement -> {
            if (announcement.message().revision().bits() == 1) {
                throw new IllegalStateException("for this test");
            }
            tail.delivered(announcement);
        });

        recorder.put(arrival(1, Way.QUEUE));
        recorder.put(arrival(2, Way.QUEUE));
        awaitAllRecorded();

        assertThat(tail.texts()).containsExactly("a.example.org revision 2");
    }

    @Test
    void timesOfARepositoryGrowAlsoIfTheClockDoesNot() throws InterruptedException {
        start();
        recorder.put(arrival(5, Way.QUEUE));
        awaitAllRecorded();

        RepositoryName repository = new RepositoryName(REPOSITORY);

        assertThat(recorder.lastValues().nextTime(repository, Entries.START))
                .isEqualTo(Entries.START.plusSeconds(5).plusMillis(1));
        assertThat(recorder.lastValues().nextTime(repository, Entries.START.plusSeconds(9)))
                .isEqualTo(Entries.START.plusSeconds(9));
    }

    private static final class Outcomes extends PendingAcks {

        private final List<UUID> recorded = new CopyOnWriteArrayList<>();
        private final List<UUID> refused = new CopyOnWriteArrayList<>();
        private final List<UUID> awaited = new CopyOnWriteArrayList<>();
        private final List<UUID> unread = new CopyOnWriteArrayList<>();

        Outcomes() {
            super(Duration.ofHours(1));
        }

        @Override
        public void recorded(UUID id) {
            recorded.add(id);
            awaited.remove(id);
        }

        @Override
        public boolean mayDeliverUnread(UUID id) {
            return awaited.contains(id);
        }

        @Override
        public boolean isUnread(UUID id) {
            return awaited.contains(id);
        }

        @Override
        public boolean isAwaited(UUID id) {
            return awaited.contains(id);
        }

        @Override
        public void deliveredUnread(UUID id) {
            unread.add(id);
        }

        @Override
        public void fail(UUID id, Exception cause) {
            refused.add(id);
        }
    }
}
