package io.jenkins.plugins.cvmfs.notify.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DurationsTest {

    @Test
    void whatTookALongTimeWillAgainAndFailuresDoNotCount() {
        // Given
        Durations durations = new Durations(List.of(
                took(10, 5, ""), took(10, 7, ""), took(10, 9, ""), took(10, 150, "no answer"), took(20, 1, "")));

        // When
        double seconds = durations.of("fan-out", "proxy", "WEB_SOCKET", 10);

        // Then
        assertThat(seconds).isEqualTo(7);
    }

    @Test
    void whatWasNeverMeasuredTakesTheUsualTime() {
        assertThat(new Durations(List.of()).of("fan-out", "proxy", "WEB_SOCKET", 10))
                .isPositive();
    }

    private static Sample took(int size, double seconds, String problem) {
        return new Sample(
                "fan-out",
                "proxy",
                "memory",
                "WEB_SOCKET",
                size,
                "a",
                Map.of(),
                Map.of(Durations.METRIC, seconds),
                problem);
    }
}
