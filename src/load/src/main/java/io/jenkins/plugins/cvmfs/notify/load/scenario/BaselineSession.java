package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.baseline.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.report.Sample;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** Measures baselines once each, after a warm-up as long; their samples stand among those of {@link Publishes}. */
public record BaselineSession(SampleFile file, PrintStream progress) {

    private static final int MESSAGE_BYTES = 1025;

    /**
     * Measures all.
     *
     * @param seconds how long each
     */
    public void run(List<Baseline> baselines, double seconds) throws IOException {
        String repetition = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        for (Baseline baseline : baselines) {
            baseline.messagesPerSecond(MESSAGE_BYTES, seconds);
            double perSecond = baseline.messagesPerSecond(MESSAGE_BYTES, seconds);
            progress.printf("%-16s %-8s %.0f messages/s%n", baseline.name(), baseline.durability(), perSecond);
            file.append(List.of(new Sample(
                    new Publishes(seconds).name(),
                    baseline.name(),
                    baseline.durability(),
                    "NONE",
                    1,
                    repetition,
                    Conditions.now(),
                    Map.of("confirmedPerSecond", perSecond),
                    "")));
        }
    }
}
