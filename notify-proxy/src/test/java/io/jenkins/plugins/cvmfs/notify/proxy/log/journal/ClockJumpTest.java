package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clock of the machine is set, by hand or by NTP, while the proxy runs and while it does not. */
class ClockJumpTest {

    private static final String REPOSITORY = "a.example.org";

    @TempDir
    Path folder;

    private final List<Announcement> delivered = new CopyOnWriteArrayList<>();

    private final ManualClock clock = new ManualClock();

    private JournalLog started() {
        JournalLog log = new JournalLog(
                JournalFile.open(folder),
                TestConfigs.repositories(),
                100,
                Duration.ofSeconds(60),
                clock,
                new SimpleMeterRegistry());
        log.start(delivered::add);
        return log;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-P3650D", "-PT1H", "PT0S", "PT1H", "P3650D"})
    void howeverTheClockJumpsAnnouncementsKeepTheirOrderAndTheLastOneStays(Duration jump) {
        try (JournalLog log = started()) {
            log.append(Activities.message(REPOSITORY, 1), Activities.ORIGIN).join();
            clock.move(jump);
            log.append(Activities.message(REPOSITORY, 2), Activities.ORIGIN).join();
        }
        clock.move(jump);
        try (JournalLog log = started()) {
            log.append(Activities.message(REPOSITORY, 3), Activities.ORIGIN).join();
        }

        assertThat(delivered).extracting(a -> a.message().revision().bits()).containsExactly(1L, 2L, 2L, 3L);
        assertThat(delivered).extracting(Announcement::announcedAt).isSorted();
        assertThat(delivered.get(3).announcedAt()).isAfter(delivered.get(1).announcedAt());
        assertThat(delivered).extracting(a -> a.position().offset()).isSorted();
    }
}
