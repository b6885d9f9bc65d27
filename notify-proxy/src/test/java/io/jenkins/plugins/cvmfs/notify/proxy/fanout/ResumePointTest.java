package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumePointTest {

    private static final Announcement LAST = TestLog.announcement("a.example.org", 7, 42);

    @ParameterizedTest
    @CsvSource({"6, true", "7, false", "8, false", "18446744073709551615, false", "0, true"})
    void afterARevisionOnlyAHigherOneIsNews(String revision, boolean wanted) {
        assertThat(new ResumePoint.AfterRevision(Revision.parse(revision)).wants(LAST))
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({"epoch1:41, true", "epoch1:42, false", "epoch1:43, false", "other:43, true"})
    void afterAPositionOnlyALaterOneOrThatOfAnotherLogIsNews(String position, boolean wanted) {
        ResumePoint resume =
                new ResumePoint.AfterPosition(LogPosition.parse(position).orElseThrow());

        assertThat(resume.wants(LAST)).isEqualTo(wanted);
    }

    /** It stands at an offset that is not known, behind the last message that its proxy has read. */
    @ParameterizedTest
    @CsvSource({"epoch1:41", "epoch1:42", "epoch1:42.7", "epoch1:42.8", "epoch1:43", "other:43"})
    void theMessageThatIsDeliveredAheadOfTheLogIsNewsAfterEveryPosition(String position) {
        Announcement ahead = new Announcement(LAST.message(), new LogPosition("epoch1", 42, 7), LAST.announcedAt());

        assertThat(new ResumePoint.AfterPosition(LogPosition.parse(position).orElseThrow()).wants(ahead))
                .isTrue();
    }

    @Test
    void afterAMessageThatWasDeliveredAheadOfTheLogOnlyWhatStandsBehindTheLastOneReadIsNews() {
        LogPosition ahead = LogPosition.parse("epoch1:42.7").orElseThrow();

        assertThat(new ResumePoint.AfterPosition(ahead).wants(LAST)).isFalse();
        assertThat(new ResumePoint.AfterPosition(ahead).wants(TestLog.announcement("b.example.org", 1, 43)))
                .isTrue();
        assertThat(ahead).hasToString("epoch1:42.7").isEqualTo(new LogPosition("epoch1", 42, 7));
    }

    @Test
    void withNothingEverythingIsNews() {
        assertThat(ResumePoint.FROM_LAST_VALUE.wants(LAST)).isTrue();
    }

    @Test
    void aPositionReadsWhatItWrites() {
        LogPosition position = new LogPosition("0a9z", 123456789012345678L);

        assertThat(LogPosition.parse(position.toString())).contains(position);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                ":7",
                "e:",
                "E:7",
                "e:-1",
                "e:7:8",
                "e:7.",
                "e:7.8.9",
                " e:7",
                "e:1234567890123456789",
                "abcdefghijklmnopqrstuvwxyz01234567:1"
            })
    void whatIsNoPositionIsNotRead(String text) {
        assertThat(LogPosition.parse(text)).isEmpty();
    }
}
