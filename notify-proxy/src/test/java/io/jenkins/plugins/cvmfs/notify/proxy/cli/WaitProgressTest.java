package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WaitProgressTest {

    private static final Instant START = Instant.parse("2026-11-23T21:00:00Z");

    private final StringWriter err = new StringWriter();

    @Test
    void onATerminalTheLastLineSaysWhatIsMissingAndGivesWayToTheNext() {
        try (WaitProgress progress = new WaitProgress(new PrintWriter(err), 40)) {
            progress.status(report());
            progress.status(report());
            progress.progress("a has revision 7");
            progress.status(report());
        }

        String status = "[42 s] 0 of 1 replicas have revision 7…";
        String clear = "\r\u001b[K";
        assertThat(err).hasToString(status + clear + status + clear + "a has revision 7\n" + status + clear);
        assertThat(status).hasSizeLessThan(40);
    }

    @Test
    void elsewhereThereIsALineForEachThingThatHappensAndNothingElse() {
        try (WaitProgress progress = new WaitProgress(new PrintWriter(err), 0)) {
            progress.status(report());
            progress.progress("a has revision 7");
            progress.status(report());
        }

        assertThat(err).hasToString("a has revision 7\n");
    }

    @Test
    void withoutAConsoleItIsNoTerminal() {
        assertThat(Terminal.columns(null, Map.of("TERM", "xterm", "COLUMNS", "120")))
                .isZero();
    }

    private static GateReport report() {
        Condition condition = new Condition(
                new RepositoryName("sw.example.org"),
                new Target.AtLeast(new Revision(7)),
                List.of(new Replica("a", "/srv/a")),
                Requirement.ALL,
                StalePolicy.WAIT,
                START.plusSeconds(60),
                null);
        return GateSnapshot.start(condition, START).report(START.plusSeconds(42));
    }
}
