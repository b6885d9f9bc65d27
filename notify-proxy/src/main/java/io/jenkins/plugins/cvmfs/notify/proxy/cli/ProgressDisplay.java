package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import java.io.Console;
import java.io.PrintWriter;
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
 * the next event replaces. Thread-safe.
 */
final class ProgressDisplay implements ProgressListener, AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final int DEFAULT_COLUMNS = 80;
    private static final int MIN_COLUMNS = 20;

    /** The display whose status is on the terminal: a process has one command, and it one display. */
    private static volatile @Nullable ProgressDisplay showing;

    private final PrintWriter err;
    private final int columns;
    private boolean shown;

    /** @param columns the terminal's width in characters; 0 if it is not a terminal */
    ProgressDisplay(PrintWriter err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    /** Returns the terminal's width in characters; 0 for a file, a pipe or a terminal that cannot clear a line. */
    static int columns(@Nullable Console console, Map<String, String> environment) {
        String kind = environment.getOrDefault("TERM", "dumb");
        if (console == null || kind.equals("dumb") || !isTerminal(console)) {
            return 0;
        }
        String columns = environment.getOrDefault("COLUMNS", "");
        return columns.matches("[0-9]{1,4}") ? Math.max(MIN_COLUMNS, Integer.parseInt(columns)) : DEFAULT_COLUMNS;
    }

    /** Since JDK 22 a console need not be a terminal, and has a method that tells. */
    private static boolean isTerminal(Console console) {
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot ask the console", e);
        }
    }

    /** Clears the status that an interrupted command leaves behind, and the terminal's {@code ^C}; without a status does nothing. */
    static void clearShown() {
        ProgressDisplay display = showing;
        if (display != null) {
            display.close();
        }
    }

    @Override
    public synchronized void progress(String line) {
        clear();
        err.println(line);
        err.flush();
    }

    /** Shows the current status after the time waited; on a terminal only. */
    synchronized void status(Duration waited, String text) {
        if (columns > 0) {
            clear();
            String line = "[%d s] %s".formatted(waited.toSeconds(), text);
            err.print(line.length() < columns ? line : line.substring(0, columns - 2) + "…");
            err.flush();
            shown = true;
            showing = this;
        }
    }

    /**
     * Waits for a future and shows the status each second. An interrupt cancels the future.
     *
     * @throws NotifyException if it fails with one
     */
    <T> T await(CompletableFuture<T> future, Supplier<String> status) {
        long start = System.nanoTime();
        while (true) {
            try {
                return future.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                status(Duration.ofNanos(System.nanoTime() - start), status.get());
            } catch (ExecutionException e) {
                return ManifestInput.get(future);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                future.cancel(true);
                return ManifestInput.get(future);
            }
        }
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
            showing = null;
        }
    }
}
