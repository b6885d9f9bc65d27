package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final Tally tally = new Tally();

    @Test
    void theLastHourForgetsWhatTheTotalKeeps() {
        tally.count(NOON);
        tally.count(NOON.plus(Duration.ofMinutes(30)));
        tally.count(NOON.plus(Duration.ofMinutes(59)));

        assertThat(tally.lastHour(NOON.plus(Duration.ofMinutes(59)))).isEqualTo(3);
        assertThat(tally.lastHour(NOON.plus(Duration.ofMinutes(60)))).isEqualTo(2);
        assertThat(tally.lastHour(NOON.plus(Duration.ofMinutes(95)))).isEqualTo(1);
        assertThat(tally.lastHour(NOON.plus(Duration.ofDays(400)))).isZero();
        assertThat(tally.total()).isEqualTo(3);
    }

    @Test
    void aClockThatGoesBackLosesNothing() {
        tally.count(NOON);
        tally.count(NOON.minus(Duration.ofHours(3)));

        assertThat(tally.lastHour(NOON)).isEqualTo(2);
    }
}
