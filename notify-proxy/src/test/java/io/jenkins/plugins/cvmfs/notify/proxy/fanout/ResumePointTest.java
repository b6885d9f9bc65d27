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
                " e:7",
                "e:1234567890123456789",
                "abcdefghijklmnopqrstuvwxyz01234567:1"
            })
    void whatIsNoPositionIsNotRead(String text) {
        assertThat(LogPosition.parse(text)).isEmpty();
    }
}
