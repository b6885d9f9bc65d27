package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HourlyCounterTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final RepositoryTopic.HourlyCounter counter = new RepositoryTopic.HourlyCounter();

    @Test
    void theLastHourForgetsWhatTheTotalKeeps() {
        counter.count(NOON);
        counter.count(NOON.plus(Duration.ofMinutes(30)));
        counter.count(NOON.plus(Duration.ofMinutes(59)));

        assertThat(counter.lastHour(NOON.plus(Duration.ofMinutes(59)))).isEqualTo(3);
        assertThat(counter.lastHour(NOON.plus(Duration.ofMinutes(60)))).isEqualTo(2);
        assertThat(counter.lastHour(NOON.plus(Duration.ofMinutes(95)))).isEqualTo(1);
        assertThat(counter.lastHour(NOON.plus(Duration.ofDays(400)))).isZero();
        assertThat(counter.total()).isEqualTo(3);
    }

    @Test
    void aClockThatGoesBackLosesNothing() {
        counter.count(NOON);
        counter.count(NOON.minus(Duration.ofHours(3)));

        assertThat(counter.lastHour(NOON)).isEqualTo(2);
    }
}
