package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressDisplayTest {

    private static final Duration WAITED = Duration.ofSeconds(42);
    private static final String MISSING = "0 of 1 replicas have revision 7 or newer, 1 needed";

    private final StringWriter err = new StringWriter();

    @Test
    void onATerminalTheLastLineIsTheStatusAndIsReplaced() {
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 40)) {
            progress.status(WAITED, MISSING);
            progress.status(WAITED, MISSING);
            progress.progress("a has revision 7");
            progress.status(WAITED, MISSING);
        }

        String status = "[42 s] 0 of 1 replicas have revision 7…";
        String clear = "\r\u001b[K";
        assertThat(err).hasToString(status + clear + status + clear + "a has revision 7\n" + status + clear);
        assertThat(status).hasSizeLessThan(40);
    }

    @Test
    void elsewhereThereIsOneLineForEachEventAndNoStatus() {
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 0)) {
            progress.status(WAITED, MISSING);
            progress.progress("a has revision 7");
            progress.status(WAITED, MISSING);
        }

        assertThat(err).hasToString("a has revision 7\n");
    }

    @Test
    void anEventOnATerminalBreaksBetweenWordsAndALongWordStaysWhole() {
        String url = "http://stratum1.example.org/cvmfs/sw.example.org/.cvmfspublished:";
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 40)) {
            progress.progress("a cannot be read: " + url + " no such file (404), and that for an hour");
        }

        assertThat(err)
                .hasToString("a cannot be read:\n    " + url + "\n    no such file (404), and that for an\n    hour\n");
    }

    @Test
    void aWideTerminalHasItInOneLine() {
        String line = "waiting for revision 7 or newer of sw.example.org on all 3 replicas until 2026-11-28T17:19:20Z";
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 200)) {
            progress.progress(line);
            progress.status(WAITED, line);
        }

        assertThat(err.toString()).startsWith(line + "\n[42 s] " + line);
    }

    @Test
    void aStatusEndsWithAWord() {
        new ProgressDisplay(new PrintWriter(err), 44).status(WAITED, MISSING);

        assertThat(err).hasToString("[42 s] 0 of 1 replicas have revision 7 or…");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 24 40, 40",
        "'', 50 200, 200",
        "132, 24 80, 132",
        "'', '', 80",
        "'', 0 0, 80",
        "5, '', 20",
        "x, 24 90, 90"
    })
    void theWidthIsThatOfTheTerminalUnlessExported(String exported, String size, int columns) {
        assertThat(ProgressDisplay.width(Map.of("COLUMNS", exported), () -> size))
                .isEqualTo(columns);
    }

    @Test
    void aDumbTerminalCannotClearALine() {
        assertThat(ProgressDisplay.columns(Map.of("TERM", "dumb", "COLUMNS", "120")))
                .isZero();
    }

    @Test
    void aStoppedCommandReplacesItsStatusByHowFarItCame() {
        ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 80);
        CompletableFuture<String> never = new CompletableFuture<>() {
            @Override
            public String get(long timeout, TimeUnit unit) {
                progress.status(WAITED, MISSING);
                ProgressDisplay.stopped();
                progress.status(WAITED, MISSING);
                progress.progress("too late");
                return "the process ends";
            }
        };

        progress.await(never, () -> MISSING);

        assertThat(err.toString())
                .startsWith("[42 s] " + MISSING + "\r\u001b[Kstopped after 0.")
                .endsWith(" s: " + MISSING + "\n");
    }

    @Test
    void aProcessThatWaitsForNothingEndsWithoutALine() {
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 80)) {
            progress.await(CompletableFuture.completedFuture("done"), () -> MISSING);
        }

        ProgressDisplay.stopped();

        assertThat(err.toString()).isEmpty();
    }
}
