package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.RecordingTail;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Without a folder. */
class JournalLogInMemoryTest {

    private static final String REPOSITORY = "a.example.org";
    private static final Clock STOPPED = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    private final RecordingTail tail = new RecordingTail();

    private JournalLog started() {
        JournalLog log = inMemory();
        log.start(tail);
        return log;
    }

    private static JournalLog inMemory() {
        return new JournalLog(
                null, TestConfigs.repositories(), 1, Duration.ofSeconds(30), STOPPED, new SimpleMeterRegistry());
    }

    private static CompletableFuture<Void> append(JournalLog log, int revision) {
        return log.append(Activities.message(REPOSITORY, revision), Activities.ORIGIN);
    }

    @Test
    void anAppendIsDeliveredWhenItReturns() {
        JournalLog log = started();

        CompletableFuture<Void> answer = append(log, 1);

        assertThat(answer).isCompleted();
        assertThat(tail.texts()).containsExactly("a.example.org revision 1");
        assertThat(log.follow(new RepositoryName(REPOSITORY))).isCompleted();
        assertThat(log.state().isReady()).isTrue();
        assertThat(log.state().kind()).isEqualTo("journal");
        assertThat(log.state().detail()).contains("forgets");
    }

    @Test
    void theOrderOfDeliveryShowsInTheTimesEvenIfTheClockStands() {
        JournalLog log = started();

        append(log, 1);
        append(log, 2);

        assertThat(tail.announcements())
                .extracting(Announcement::announcedAt)
                .containsExactly(STOPPED.instant(), STOPPED.instant().plusMillis(1));
    }

    @Test
    void appendsOfManyThreadsAreDeliveredOneAfterTheOtherInTheOrderOfTheirPositions() {
        List<Long> offsets = new ArrayList<>();
        List<Instant> times = new ArrayList<>();
        JournalLog log = inMemory();
        log.start(announcement -> {
            offsets.add(announcement.position().offset());
            times.add(announcement.announcedAt());
        });

        IntStream.range(0, 2_000).parallel().forEach(revision -> append(log, revision));

        assertThat(offsets).hasSize(2_000).isSorted().doesNotHaveDuplicates();
        assertThat(times).hasSize(2_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aTailThatFailsCostsOnlyTheAnnouncementItFailedAt() {
        JournalLog log = inMemory();
        List<Announcement> delivered = new ArrayList<>();
        log.start(announcement -> {
            if (announcement.message().revision().bits() == 1) {
                throw new IllegalStateException("on purpose");
            }
            delivered.add(announcement);
        });

        append(log, 1);
        append(log, 2);

        assertThat(delivered).hasSize(1);
    }

    @Test
    void aRestartForgets() {
        append(started(), 1);
        append(started(), 2);

        assertThat(tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
        assertThat(tail.announcements().get(0).position().epoch())
                .isNotEqualTo(tail.announcements().get(1).position().epoch());
    }

    @Test
    void closingFailsWhatIsAppendedLaterAndMayBeDoneTwice() {
        JournalLog log = started();

        log.close();
        log.close();

        assertThat(append(log, 1).handle((done, failure) -> failure).join())
                .isInstanceOf(LogUnavailableException.class);
        assertThat(tail.texts()).isEmpty();
    }

    @Test
    void whatIsAppendedBeforeTheStartFailsAndSaysWhy() {
        JournalLog log = inMemory();

        assertThat(append(log, 1).handle((done, failure) -> failure).join())
                .isInstanceOf(LogUnavailableException.class)
                .hasMessage("the log is not open");
    }
}
