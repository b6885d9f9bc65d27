package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Range;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Series;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnnouncementCountsTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final AnnouncementCounts counts = new AnnouncementCounts();

    @Test
    void theLastHourForgetsWhatTheTotalKeeps() {
        counts.count(NOON);
        counts.count(NOON.plus(Duration.ofMinutes(30)));
        counts.count(NOON.plus(Duration.ofMinutes(59)));

        assertThat(counts.lastHour(NOON.plus(Duration.ofMinutes(59)))).isEqualTo(3);
        assertThat(counts.lastHour(NOON.plus(Duration.ofMinutes(60)))).isEqualTo(2);
        assertThat(counts.lastHour(NOON.plus(Duration.ofMinutes(95)))).isEqualTo(1);
        assertThat(counts.lastHour(NOON.plus(Duration.ofDays(400)))).isZero();
        assertThat(counts.total()).isEqualTo(3);
    }

    @Test
    void aClockThatGoesBackLosesNothing() {
        counts.count(NOON);
        counts.count(NOON.minus(Duration.ofHours(3)));

        assertThat(counts.lastHour(NOON)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aStepHasWhatFellIntoItAndAllOthersAreZero(Range range) {
        counts.count(NOON);
        counts.count(NOON);
        Instant threeStepsLater = NOON.plus(range.step().multipliedBy(3));
        counts.count(threeStepsLater);

        Series series = counts.series(range, threeStepsLater);

        int steps = series.announcements().size();
        assertThat(series.end()).isEqualTo(NOON.plus(range.step().multipliedBy(4)));
        assertThat(series.announcements().subList(steps - 4, steps)).containsExactly(2, 0, 0, 1);
        assertThat(series.announcements().subList(0, steps - 4)).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsAsOldAsTheRangeIsForgottenAlsoAfterALongSilence(Range range) {
        counts.count(NOON);
        int steps = counts.series(range, NOON).announcements().size();
        Instant justAfter = NOON.plus(range.step().multipliedBy(steps));

        assertThat(counts.series(range, justAfter.minus(range.step())).announcements())
                .startsWith(1);
        assertThat(counts.series(range, justAfter).announcements()).isEqualTo(Collections.nCopies(steps, 0));
        counts.count(justAfter);
        assertThat(counts.series(range, justAfter).announcements())
                .startsWith(0)
                .endsWith(1);
    }

    @Test
    void aStepHasItsSlowestPropagationNotedOrStillPending() {
        counts.count(NOON);
        counts.took(dispatch(Duration.ofMillis(30)));
        counts.took(dispatch(Duration.ofMillis(20)));

        assertThat(slowest(List.of())).contains(Duration.ofMillis(30));
        assertThat(slowest(List.of(dispatch(Duration.ofMillis(40)), dispatch(Duration.ofMillis(10)))))
                .contains(Duration.ofMillis(40));
        assertThat(counts.series(Range.HOUR, NOON).slowest()).hasSize(60).startsWith(Optional.empty());
    }

    private Optional<Duration> slowest(List<Dispatch> pending) {
        return counts.series(Range.HOUR, NOON, pending).slowest().get(59);
    }

    /** Announced so long before noon, when it arrives. */
    private static Dispatch dispatch(Duration delay) {
        return Dispatch.begin(
                1,
                new Announcement(Activities.message("a.example.org", 1), new LogPosition("e", 1), NOON.minus(delay)),
                0,
                Clock.fixed(NOON, ZoneOffset.UTC),
                Instant.EPOCH);
    }
}
