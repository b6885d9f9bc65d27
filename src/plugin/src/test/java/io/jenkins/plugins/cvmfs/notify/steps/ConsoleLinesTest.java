package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ConsoleLinesTest {

    private static final String REPOSITORY = "sw.example.org";

    private final RecordingBuild build = new RecordingBuild();
    private final ConsoleLines lines = new ConsoleLines(build, REPOSITORY, Duration.ofMinutes(1));

    private static GateReport report() {
        WaitState state = Samples.waitFor(7L)
                .prepare(Samples.sites(), Instant.parse("2026-11-24T10:00:00Z"), null)
                .get(0);
        return GateReports.waiting(state.snapshot()).read("site-a", 7).timeOut();
    }

    @Test
    void whatHappensWithinAMinuteIsOneLine() {
        // Given
        lines.add("waiting for revision 7 or newer of sw.example.org");
        lines.add("connected to the notification server");
        lines.add("site-a serves revision 6");

        // When
        build.nextTask();
        lines.add("announced: revision 7");
        lines.add("site-a has revision 7");
        int before = build.log.size();
        build.nextTask();

        // Then
        assertThat(before).isEqualTo(2);
        assertThat(build.log)
                .containsExactly(
                        "waiting for revision 7 or newer of sw.example.org",
                        "sw.example.org: connected to the notification server; site-a serves revision 6",
                        "sw.example.org: announced: revision 7; site-a has revision 7");
    }

    @Test
    void afterAMinuteOfSilenceTheNextEventOpensALineAndNoTimerIsLeft() {
        // Given
        lines.add("begin");
        lines.add("one");
        build.nextTask();

        // When
        build.nextTask();

        // Then
        assertThat(build.later).isEmpty();
        lines.add("two");
        build.nextTask();
        assertThat(build.log).last().isEqualTo("sw.example.org: two");
    }

    @Test
    void aLineOfSeveralEventsBeginsWithTheRepositoryAlsoIfOneOfThemNamesIt() {
        // Given
        lines.add("begin");

        // When
        lines.add("connected");
        lines.add("reached after 2.0 s: revision 7 or newer of sw.example.org");
        lines.end();

        // Then
        assertThat(build.log).last().asString().startsWith("sw.example.org: connected; reached after 2.0 s");
    }

    @Test
    void aConnectionThatComesAndGoesFillsNoLine() {
        // Given
        lines.add("begin");

        // When
        IntStream.range(0, 100).forEach(attempt -> {
            lines.add("connected");
            lines.add("no connection");
        });
        IntStream.range(0, 12).forEach(replica -> lines.add("site-" + replica));
        build.nextTask();

        // Then
        assertThat(build.log).last().asString().startsWith("sw.example.org: 4 earlier events, site-2; site-3;");
        assertThat(build.later).hasSize(1);
    }

    @Test
    void theEndWritesWhatIsHeldAndATableAndNothingAfterwards() {
        // Given
        lines.add("begin");
        lines.add("site-a has revision 7");

        // When
        lines.end(report());
        while (!build.later.isEmpty()) {
            build.nextTask();
        }

        // Then
        assertThat(build.log).hasSize(3);
        assertThat(build.log.get(1)).isEqualTo("sw.example.org: site-a has revision 7");
        assertThat(build.log.get(2).lines())
                .containsExactly(
                        "sw.example.org: 1 of 2 replicas have revision 7 or newer, 2 needed",
                        "  replica  readable after  state",
                        "  site-a   -               serves revision 7",
                        "  site-b   -               has not been read yet");
    }
}
