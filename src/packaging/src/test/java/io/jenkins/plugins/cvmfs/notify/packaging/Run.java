package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program's run to its end, and what it printed to either stream. */
record Run(int exitCode, String output) {

    private static final int LIMIT_SECONDS = 120;

    static Run of(List<String> command) throws IOException, InterruptedException {
        return of(Map.of(), command);
    }

    static Run of(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("run", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                        .as("%s ends in time", command)
                        .isTrue();
                return new Run(process.exitValue(), Files.readString(output));
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.delete(output);
        }
    }

    /** @throws AssertionError if it failed, with what it printed */
    Run succeeded() {
        assertThat(exitCode).as(output).isZero();
        return this;
    }

    /** Skips the test where a program is missing. */
    static void needs(String program) {
        boolean found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        skipUnless(found, "needs " + program);
    }

    /** Says on the console what was not tested; Failsafe only counts. */
    @SuppressWarnings("SystemOut")
    static void skipUnless(boolean possible, String reason) {
        if (!possible) {
            System.err.println("SKIPPED a test of the packages: " + reason);
        }
        Assumptions.assumeTrue(possible, reason);
    }
}
