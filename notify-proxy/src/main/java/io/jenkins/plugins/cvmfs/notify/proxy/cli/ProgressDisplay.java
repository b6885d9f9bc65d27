package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows a command's progress on standard error: a line for each event and, on a terminal, a last line with the current status, which
 * the next event replaces. A command that is stopped meanwhile leaves a line with its last status. Thread-safe.
 */
final class ProgressDisplay implements ProgressListener, AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final String FURTHER_LINE = "\n    ";
    private static final int DEFAULT_COLUMNS = 80;
    private static final int MIN_COLUMNS = 20;

    /** The display of the future that the process waits for; a process has one command, and it one display. */
    private static volatile @Nullable ProgressDisplay waiting;

    private final PrintWriter err;
    private final int columns;
    private boolean shown;
    private boolean stopped;
    private Supplier<String> lastStatus = () -> "";
    private long startNanos;

    /** @param columns the terminal's width in characters; 0 if it is not a terminal */
    ProgressDisplay(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    /** Returns the width in characters of the terminal that standard error is; 0 for a file, a pipe, or one that cannot clear a line. */
    static int columns(Map<String, String> environment) {
        return isTerminal(environment) ? width(environment, ProgressDisplay::sizeOfTerminal) : 0;
    }

    /** @param size asks for the answer of {@code stty size}: rows and columns */
    static int width(Map<String, String> environment, Supplier<String> size) {
        String exported = environment.getOrDefault("COLUMNS", "");
        String columns = exported.matches("[0-9]{1,4}") ? exported : size.get().replaceFirst("^[0-9]+ ", "");
        return columns.matches("[1-9][0-9]{0,3}") ? Math.max(MIN_COLUMNS, Integer.parseInt(columns)) : DEFAULT_COLUMNS;
    }

    private static boolean isTerminal(Map<String, String> environment) {
        if (environment.getOrDefault("TERM", "dumb").equals("dumb")) {
            return false;
        }
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2"))
                    .toString()
                    .matches("/dev/(pts/[0-9]+|tty[A-Za-z]*[0-9]+|console)");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }

    /** Java cannot ask, and shells do not export {@code COLUMNS}. */
    private static String sizeOfTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(stty.getInputStream().readNBytes(32), US_ASCII).strip();
        } catch (IOException noSuchProgramOrTerminal) {
            return "";
        }
    }

    /** At the end of the process, says how far the command has come that waits for something. */
    static void stopped() {
        ProgressDisplay display = waiting;
        if (display != null) {
            display.stop();
        }
    }

    /** Removes the {@code ^C} with which a terminal shows that the keys were typed. */
    static void clearTyped() {
        if (isTerminal(System.getenv())) {
            try {
                new FileOutputStream(FileDescriptor.err).write(CLEAR_LINE.getBytes(US_ASCII));
            } catch (IOException terminalHasGone) {
                // It shows nothing any more.
            }
        }
    }

    private synchronized void stop() {
        if (columns > 0) {
            err.print(CLEAR_LINE);
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - startNanos);
        err.println(wrapped("stopped after %s: %s".formatted(GateReport.text(waited), lastStatus.get())));
        err.flush();
        shown = false;
        stopped = true;
    }

    @Override
    public synchronized void progress(String line) {
        if (!stopped) {
            clear();
            err.println(wrapped(line));
            err.flush();
        }
    }

    /** Breaks between words what is wider than the terminal; a longer word stays whole. */
    private String wrapped(String line) {
        if (columns == 0 || line.length() <= columns) {
            return line;
        }
        StringBuilder lines = new StringBuilder();
        int used = 0;
        for (String word : line.split(" ", -1)) {
            if (used > 0 && used + 1 + word.length() > columns) {
                lines.append(FURTHER_LINE);
                used = FURTHER_LINE.length() - 1;
            } else if (used > 0) {
                lines.append(' ');
                used++;
            }
            lines.append(word);
            used += word.length();
        }
        return lines.toString();
    }

    /** Shows the current status after the time waited; on a terminal only. */
    synchronized void status(Duration waited, String text) {
        if (columns > 0 && !stopped) {
            clear();
            err.print(cut("[%d s] %s".formatted(waited.toSeconds(), text)));
            err.flush();
            shown = true;
        }
    }

    /** A line that a terminal breaks cannot be cleared. */
    private String cut(String line) {
        if (line.length() < columns) {
            return line;
        }
        String head = line.substring(0, columns - 2);
        int space = line.charAt(columns - 2) == ' ' ? head.length() : head.lastIndexOf(' ');
        return head.substring(0, space < columns / 2 ? head.length() : space) + "…";
    }

    /**
     * Waits for a future and shows the status each second. An interrupt cancels the future.
     *
     * @throws NotifyException if it fails with one
     */
    <T> T await(CompletableFuture<T> future, Supplier<String> status) {
        begin(status);
        try {
            while (true) {
                try {
                    return future.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    status(Duration.ofNanos(System.nanoTime() - startNanos), status.get());
                } catch (ExecutionException e) {
                    return ManifestInput.get(future);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    future.cancel(true);
                    return ManifestInput.get(future);
                }
            }
        } finally {
            waiting = null;
        }
    }

    private synchronized void begin(Supplier<String> status) {
        startNanos = System.nanoTime();
        lastStatus = status;
        waiting = this;
    }

    /** Removes the status; the lines of events stay. */
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
