package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
    void withoutAConsoleThereIsNoTerminal() {
        assertThat(ProgressDisplay.columns(null, Map.of("TERM", "xterm", "COLUMNS", "120")))
                .isZero();
    }

    @Test
    void anInterruptedCommandClearsAStatusThatItHasShown() {
        new ProgressDisplay(new PrintWriter(err), 80).status(WAITED, "waiting");

        ProgressDisplay.clearShown();

        assertThat(err).hasToString("[42 s] waiting\r\u001b[K");
    }

    @Test
    void anInterruptedCommandWithoutAStatusWritesNothing() {
        try (ProgressDisplay progress = new ProgressDisplay(new PrintWriter(err), 80)) {
            progress.progress("a has revision 7");
        }

        ProgressDisplay.clearShown();

        assertThat(err).hasToString("a has revision 7\n");
    }
}
