package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Shows on standard error how a command goes on: a line for each thing that happens and, on a terminal, a last line that says how
 * things stand now and gives way to the next. Thread-safe.
 */
final class ProgressLines implements ProgressListener, AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private final int columns;
    private boolean shown;

    /** @param columns the terminal's width in characters; 0 if it is none */
    ProgressLines(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    @Override
    public synchronized void progress(String line) {
        clear();
        err.println(line);
        err.flush();
    }

    /** Shows how things stand, after how long; on a terminal only. */
    synchronized void status(Duration waited, String text) {
        if (columns > 0) {
            clear();
            String line = "[%d s] %s".formatted(waited.toSeconds(), text);
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
