package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Standard output that is not silent about what cannot be written, as {@link PrintStream} is. When its reader has gone, as that of
 * {@code subscribe … | head -1} does, the process ends as if by SIGPIPE, which a JVM ignores. Thread-safe.
 */
final class StandardOutput extends OutputStream {

    private final OutputStream file;
    private final Runnable whenReaderGone;
    private @Nullable IOException failure;

    /** @param whenReaderGone run once, by the thread that finds out; it must not wait for that thread */
    StandardOutput(OutputStream file, Runnable whenReaderGone) {
        this.file = file;
        this.whenReaderGone = whenReaderGone;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            boolean first = failure == null;
            failure = e;
            if (first && isReaderGone()) {
                whenReaderGone.run();
            }
            throw e;
        }
    }

    /** What the process exits with after a command. */
    synchronized int exitCode(int ofCommand) {
        if (failure == null) {
            return ofCommand;
        }
        return isReaderGone() ? ExitCode.READER_GONE : ExitCode.FAILED;
    }

    /** Why not everything could be written, unless nobody reads it; else null. */
    synchronized @Nullable String complaint() {
        return failure == null || isReaderGone() ? null : "cannot write to standard output: " + failure.getMessage();
    }

    /** The JDK has no exception of its own for it, only the words of the C library. */
    private synchronized boolean isReaderGone() {
        return failure != null
                && String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
    }
}
