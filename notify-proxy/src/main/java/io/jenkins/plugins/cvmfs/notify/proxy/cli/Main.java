package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The jar's main class. */
public final class Main {

    private Main() {}

    /** Runs the command named by the arguments and exits with its code. */
    public static void main(String[] args) {
        refuseRenegotiation();
        StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out), Main::exitWithoutReader);
        PrintStream stream = new PrintStream(output, true, Charset.defaultCharset());
        System.setOut(stream);
        CommandLine commandLine = RootCommand.commandLineFor(System.getenv(), args);
        Runtime.getRuntime().addShutdownHook(new Thread(ProgressDisplay::stopped, "stopped"));
        int exitCode = commandLine.execute(args);
        stream.flush();
        String complaint = output.complaint();
        if (complaint != null) {
            commandLine.getErr().println("notify-proxy: " + complaint);
        }
        System.exit(output.exitCode(exitCode));
    }

    /**
     * A client of TLS 1.2 could otherwise ask for one costly handshake after the other on a connection. BoringSSL always refuses that;
     * the JDK's engine reads this property once, when it is first used.
     */
    private static void refuseRenegotiation() {
        String property = "jdk.tls.rejectClientInitiatedRenegotiation";
        System.setProperty(property, System.getProperty(property, "true"));
    }

    /** Exits on a thread of its own: shutdown hooks may wait for the thread that failed to write. */
    private static void exitWithoutReader() {
        new Thread(() -> System.exit(ExitCode.READER_GONE), "reader gone").start();
    }

    /**
     * Standard output that reports what cannot be written, which {@link PrintStream} hides. When its reader has gone, as in {@code
     * subscribe … | head -1}, the process ends as if by SIGPIPE, which a JVM ignores. Thread-safe.
     */
    static final class StandardOutput extends OutputStream {

        private final OutputStream file;
        private final Runnable whenReaderGone;
        private @Nullable IOException failure;

        /** @param whenReaderGone run once, by the thread that fails to write; it must not wait for that thread */
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

        /** Returns the exit code of the process for that of its command. */
        synchronized int exitCode(int ofCommand) {
            if (failure == null) {
                return ofCommand;
            }
            return isReaderGone() ? ExitCode.READER_GONE : ExitCode.FAILED;
        }

        /** Returns why output is missing, unless there is no reader; null if it is complete. */
        synchronized @Nullable String complaint() {
            return failure == null || isReaderGone()
                    ? null
                    : "cannot write to standard output: " + failure.getMessage();
        }

        /** The JDK has no exception for it, only the message of the C library. */
        private synchronized boolean isReaderGone() {
            return failure != null
                    && String.valueOf(failure.getMessage())
                            .toLowerCase(Locale.ROOT)
                            .contains("broken pipe");
        }
    }
}
