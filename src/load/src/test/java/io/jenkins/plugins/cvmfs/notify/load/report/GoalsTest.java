package io.jenkins.plugins.cvmfs.notify.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalsTest {

    private static final Results.Side OWN = new Results.Side("latency", "WEB_SOCKET", "proxy", 100, "p50");

    private final List<Sample> samples = new ArrayList<>();

    @Test
    void ratiosAreTakenWithinARepetitionAndThenTheirMiddle() {
        // Given: ratios of 1.2, 1.0 and 1.1; the medians alone would say 2.0
        add("proxy", "a", 12, "");
        add("other", "a", 10, "");
        add("proxy", "b", 100, "");
        add("other", "b", 100, "");
        add("proxy", "c", 22, "");
        add("other", "c", 20, "");

        // When
        String line = Goals.Goal.ratioAtMost(OWN, OWN.of("other"), 1.10).line(new Results(samples));

        // Then
        assertThat(line).contains("| 22.00 | 20.00 | 1.10 | ratio at most 1.10 | met |");
    }

    @Test
    void aSampleWithAProblemMeetsNothing() {
        // Given
        add("proxy", "a", 1, "messages were lost");

        // When
        String line = Goals.Goal.atMost(OWN, 5).line(new Results(samples));

        // Then
        assertThat(line).endsWith("| not measured |%n".formatted());
    }

    @Test
    void aDifferenceAboveItsLimitIsNotMet() {
        // Given
        add("proxy", "a", 151, "");
        add("other", "a", 100, "");

        // When
        String line = Goals.Goal.moreByAtMost(OWN, OWN.of("other"), 50).line(new Results(samples));

        // Then
        assertThat(line).contains("| 51.00 | more by at most 50.00 | **not met** |");
    }

    private void add(String server, String repetition, double value, String problem) {
        samples.add(new Sample(
                "latency", server, "none", "WEB_SOCKET", 100, repetition, Map.of(), Map.of("p50", value), problem));
    }
}
