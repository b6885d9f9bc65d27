package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The {@link BareLoop} in a process of its own. */
public final class BareLoopServer implements ServerKind {

    /** What tables call it. */
    public static final String TITLE = "bare loop";

    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-Xmx64m");
    private static final String MAIN = "io.jenkins.plugins.cvmfs.notify.load.Main";

    @Override
    public String title() {
        return TITLE;
    }

    @Override
    public String durability() {
        return "none";
    }

    @Override
    public Server start() throws IOException {
        List<String> command = ChildProcess.java(FLAGS, "-cp", ChildProcess.classPath(), MAIN, "bare-loop");
        ChildProcess process = ChildProcess.start(command, Path.of("."));
        return new ProcessServer(process, Integer.parseInt(process.readLine()), Dialect.NOTIFY, false);
    }
}
