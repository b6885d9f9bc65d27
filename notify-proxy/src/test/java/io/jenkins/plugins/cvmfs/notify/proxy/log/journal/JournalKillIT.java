package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Many appends at a time, in batches, until kill -9 strikes. */
class JournalKillIT {

    private static final int REPOSITORIES = 64;
    private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 2_000;

    @TempDir
    Path folder;

    /** What runs in the other JVM: prints {@code NUMBER REVISION} for each append that was acknowledged. */
    public static final class Appender {

        private Appender() {}

        public static void main(String[] arguments) throws InterruptedException {
            JournalLog log = new JournalLog(
                    JournalFile.open(Path.of(arguments[0])),
                    TestConfigs.repositories(),
                    10_000,
                    Duration.ofMinutes(1),
                    Clock.systemUTC(),
                    new SimpleMeterRegistry());
            log.start(announcement -> {});
            for (int number = 0; number < REPOSITORIES; number++) {
                appendForEver(log, number, 1);
            }
            Thread.currentThread().join();
        }

        private static void appendForEver(JournalLog log, int number, int revision) {
            log.append(Activities.message(repository(number), revision), Activities.ORIGIN)
                    .thenRun(() -> {
                        out().println(number + " " + revision);
                        appendForEver(log, number, revision + 1);
                    });
        }

        private static PrintStream out() {
            return System.out;
        }
    }

    private static String repository(int number) {
        return "r%d.example.org".formatted(number);
    }

    @RepeatedTest(3)
    void nothingAcknowledgedIsLost() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Appender.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<Integer, Integer> acknowledged = new HashMap<>();
        try (BufferedReader lines = child.inputReader(StandardCharsets.US_ASCII)) {
            int count = 0;
            String line = lines.readLine();
            while (line != null) {
                String[] fields = line.split(" ", -1);
                acknowledged.put(Integer.valueOf(fields[0]), Integer.valueOf(fields[1]));
                count++;
                if (count == ACKNOWLEDGED_BEFORE_THE_KILL) {
                    // By its handle: the process itself would also close the stream of what it said before.
                    child.toHandle().destroyForcibly();
                }
                line = lines.readLine();
            }
        } finally {
            child.destroyForcibly().waitFor();
        }

        try (JournalFile journal = JournalFile.open(folder)) {
            LastValues kept = new LastValues(TestConfigs.repositories(), Entries.recovered(journal));
            assertThat(acknowledged).hasSize(REPOSITORIES);
            acknowledged.forEach((number, revision) -> assertThat(kept.of(new RepositoryName(repository(number)))
                            .orElseThrow()
                            .announcement()
                            .message()
                            .revision()
                            .bits())
                    .isGreaterThanOrEqualTo(revision));
        }
    }
}
