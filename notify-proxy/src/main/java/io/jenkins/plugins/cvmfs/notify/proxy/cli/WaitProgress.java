package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import java.io.PrintWriter;

/**
 * Shows on standard error how a wait goes on: a line for each thing that happens and, on a terminal, a last line that says what is
 * missing now and gives way to the next. Thread-safe.
 */
final class WaitProgress implements ProgressListener, AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final int columns;
    private boolean shown;

    /** @param columns the terminal's width in characters; 0 if it is none */
    WaitProgress(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    @Override
    public synchronized void progress(String line) {
        clear();
        err.println(line);
        err.flush();
    }

    /** Shows how things stand; on a terminal only. */
    synchronized void status(GateReport report) {
        if (columns > 0) {
            clear();
            String line = "[%d s] %s".formatted(report.waited().toSeconds(), report.missing());
            err.print(line.length() < columns ? line : line.substring(0, columns - 2) + "…");
            err.flush();
            shown = true;
        }
    }

    /** Leaves only the lines of what happened. */
    @Override
    public synchronized void close() {
        clear();
        err.flush();
    }

    private void clear() {
        if (shown) {
            err.print(CLEAR_LINE);
            shown = false;
        }
    }
}
