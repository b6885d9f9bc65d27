package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import picocli.CommandLine;

/** Where the jar starts. */
public final class Main {

    private Main() {}

    /** Runs the command that the arguments name and exits with its code. */
    public static void main(String[] args) {
        refuseRenegotiation();
        StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out), Main::exitForLackOfReader);
        PrintStream stream = new PrintStream(output, true, Charset.defaultCharset());
        System.setOut(stream);
        CommandLine commandLine = RootCommand.commandLine(System.getenv());
        int exitCode = commandLine.execute(args);
        stream.flush();
        String complaint = output.complaint();
        if (complaint != null) {
            commandLine.getErr().println("notify-proxy: " + complaint);
        }
        System.exit(output.exitCode(exitCode));
    }

    /**
     * A client of TLS 1.2 could otherwise ask for one costly handshake after the other on a connection. Of the engines BoringSSL refuses that by
     * itself; the JDK's reads this property once, when it is first used.
     */
    private static void refuseRenegotiation() {
        String property = "jdk.tls.rejectClientInitiatedRenegotiation";
        System.setProperty(property, System.getProperty(property, "true"));
    }

    /** By a thread of its own: shutting down may wait for the one that wanted to write. */
    private static void exitForLackOfReader() {
        new Thread(() -> System.exit(ExitCode.READER_GONE), "reader gone").start();
    }
}
