package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastValuesTest {

    private static final RepositoryName REPOSITORY = new RepositoryName("a.example.org");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

    private static LogEntry announcedAt(Instant time) {
        return new LogEntry(
                new Announcement(
                        Activities.message(REPOSITORY.value(), 1), new LogPosition("0123456789abcdef", 1), time),
                null);
    }

    private static boolean canBeReadBack(LogEntry entry) {
        ByteBuffer record = JournalFormat.encode(List.of(entry));
        return JournalFormat.read(record).isPresent();
    }

    @Test
    void theTimeAfterTheLastOneThatCanBeWrittenDownIsThatOneAgain() {
        LastValues values = new LastValues(TestConfigs.repositories(), List.of(announcedAt(LATEST)));

        Instant next = values.nextTime(REPOSITORY, Instant.now());

        assertThat(next).isEqualTo(LATEST);
        assertThat(canBeReadBack(announcedAt(next))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"})
    void aClockBeyondWhatCanBeWrittenDownStillMakesATimeThatCanBeReadBack(String now) {
        Instant next = new LastValues(TestConfigs.repositories(), List.of()).nextTime(REPOSITORY, Instant.parse(now));

        assertThat(canBeReadBack(announcedAt(next))).isTrue();
    }
}
