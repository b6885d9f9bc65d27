package io.jenkins.plugins.cvmfs.notify.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GoalsTest {

    private final List<Sample> samples = new ArrayList<>();

    @Test
    void ratiosAreTakenWithinARepetitionAndThenTheirMiddle() {
        // Given: ratios of 1.2, 1.0, 1.1, 1.0 and 1.2
        add("proxy", "a", 12, "");
        add("other", "a", 10, "");
        add("proxy", "b", 100, "");
        add("other", "b", 100, "");
        add("proxy", "c", 22, "");
        add("other", "c", 20, "");
        add("proxy", "d", 9, "");
        add("other", "d", 9, "");
        add("proxy", "e", 240, "");
        add("other", "e", 200, "");

        // When
        String line = goal("other", "RATIO_AT_MOST", "1.10").line(new Results(samples));

        // Then
        assertThat(line).contains("| 5 | 22.00 | 20.00 | 1.10 | ratio at most 1.10 | met |");
    }

    @Test
    void aSampleWithAProblemMeetsNothing() {
        // Given
        add("proxy", "a", 1, "messages were lost");

        // When
        String line = goal("-", "AT_MOST", "5").line(new Results(samples));

        // Then
        assertThat(line).endsWith("| not decided |%n".formatted());
    }

    @Test
    void aDifferenceAboveItsLimitIsNotMet() {
        // Given
        for (String repetition : List.of("a", "b", "c", "d", "e")) {
            add("proxy", repetition, 151, "");
            add("other", repetition, 100, "");
        }

        // When
        String line = goal("other", "MORE_BY_AT_MOST", "50").line(new Results(samples));

        // Then
        assertThat(line).contains("| 51.00 | more by at most 50.00 | **not met** |");
    }

    @Test
    void fourRepetitionsThatHaveBothSidesDecideNothing() {
        // Given: a fifth one without the other side
        for (String repetition : List.of("a", "b", "c", "d")) {
            add("proxy", repetition, 10, "");
            add("other", repetition, 10, "");
        }
        add("proxy", "e", 10, "");
        add("other", "e", 10, "the control was off");

        // When
        String line = goal("other", "RATIO_AT_MOST", "1.10").line(new Results(samples));

        // Then
        assertThat(line).contains("| 4 | 10.00 | 10.00 | 1.00 | ratio at most 1.10 | not decided |");
    }

    @Test
    void everyGoalOfTheFileHasALine() throws IOException {
        String text = Goals.markdown(new Results(samples));

        assertThat(text)
                .contains(
                        "### Fan-out",
                        "### Stalled readers",
                        "web socket, 1,000: cpuMicrosPerDelivery against bare loop")
                .contains(
                        "19,000: cpuMicrosPerDelivery against 1000",
                        "events by body, 1,000: cpuMicrosPerDelivery against WEB_SOCKET")
                .contains("| more by at most 100 | not decided |");
    }

    private static Goals.Goal goal(String other, String relation, String limit) {
        return Goals.Goal.parse(
                List.of("Group", "latency", "proxy", "WEB_SOCKET", "100", "p50", other, relation, limit));
    }

    private void add(String server, String repetition, double value, String problem) {
        samples.add(new Sample(
                "latency", server, "none", "WEB_SOCKET", 100, repetition, Map.of(), Map.of("p50", value), problem));
    }
}
